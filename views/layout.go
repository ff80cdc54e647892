package views

import (
	"fmt"

	"github.com/waylight/waylight/views/ui"
)

// htmxConfig sets htmx up for pages without inline styles or evaluated code: no
// injected stylesheet, no history of its own, and morphs that leave alone what
// a reader opened.
const htmxConfig = `{"includeIndicatorCSS":false,"history":false,"morphIgnore":["data-htmx-powered","open"],"morphScanLimit":30}`

// keyHelp is one line of the help overlay. What the keys do is in
// static/src/keys.js.
type keyHelp struct {
	Keys []string
	Does string
}

var keys = []keyHelp{
	{[]string{"/", "Ctrl-K"}, "search"},
	{[]string{"f"}, "filter this list"},
	{[]string{"j", "k"}, "next, previous row"},
	{[]string{"Enter"}, "open the row"},
	{[]string{"c"}, "copy a link to this page"},
	{[]string{"y"}, "copy a text for the chat"},
	{[]string{"e"}, "evidence of a cause"},
	{[]string{"."}, "pause or resume live updates"},
	{[]string{"space"}, "logs: pause or resume"},
	{[]string{"w", "t"}, "logs: wrap lines, ages for times"},
	{[]string{"?"}, "these keys"},
}

// degradedSummary is the folded line of many degraded sources.
func degradedSummary(list []degraded) string {
	return fmt.Sprintf("%s cannot be relied on, beginning with %s. What depends on them is undetermined.", plural(len(list), "source"), list[0].Name)
}

// present says what a reader of a shared link looks at instead.
func (f Frame) present() string {
	if f.Live() {
		return "the mesh as it is now"
	}
	return "the same recording"
}

// printed is the line that dates a page on paper.
func (f Frame) printed() string {
	if f.AsOf.IsZero() {
		return ""
	}
	return "as of " + ui.Absolute(f.AsOf)
}
