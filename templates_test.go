package waylight_test

import (
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/static"
)

// forbidden is markup that the content security policy would block, or that lets text of a cluster through unescaped. The
// linter does not see templates, because it skips the code generated from them.
type forbidden struct {
	pattern *regexp.Regexp
	unless  string // what makes a match harmless
	because string
}

var forbiddenMarkup = []forbidden{
	{pattern: regexp.MustCompile(`\btempl\.Raw\b`), because: "templ.Raw does not escape"},
	{pattern: regexp.MustCompile(`\btempl\.(JSUnsafeFuncCall|JSFuncCall|JSExpression|ComponentScript)\b`), because: "writes inline script"},
	{pattern: regexp.MustCompile(`^script\s+\w+\(`), because: "writes inline script"},
	{pattern: regexp.MustCompile(`^css\s+\w+\(`), because: "writes an inline stylesheet"},
	{pattern: regexp.MustCompile(`<script\b[^>]*>`), unless: "src=", because: "is inline script"},
	{pattern: regexp.MustCompile(`<style\b`), because: "is an inline stylesheet"},
	{pattern: regexp.MustCompile(`\sstyle\s*=\s*["'{]`), because: "is inline style"},
	{pattern: regexp.MustCompile(`\s(on[a-z]+|hx-on[a-z:-]*)\s*=\s*["'{]`), because: "is inline script"},
	{pattern: regexp.MustCompile(`\bhx-trigger="[^"]*\[`), because: "is a filter, which htmx evaluates as script"},
	{pattern: regexp.MustCompile(`["'](js|javascript):`), because: "is script in an attribute"},
}

func TestTemplatesHoldNothingInline(t *testing.T) {
	for place, line := range templateLines(t) {
		for _, problem := range markupProblems(line) {
			t.Errorf("%s: %s", place, problem)
		}
	}
}

// TestTemplatesNameKnownIcons: an icon that the sprite does not have draws nothing and says nothing.
func TestTemplatesNameKnownIcons(t *testing.T) {
	named := regexp.MustCompile(`\bIcon\("([^"]+)"\)`)
	known := static.Icons()
	for place, line := range templateLines(t) {
		for _, match := range named.FindAllStringSubmatch(line, -1) {
			if !slices.Contains(known, match[1]) {
				t.Errorf("%s: icon %q is not in static/icons.txt", place, match[1])
			}
		}
	}
}

// templateLines returns the lines of all templates by file and number.
func templateLines(t *testing.T) map[string]string {
	t.Helper()
	lines := map[string]string{}
	files := os.DirFS(".")
	err := fs.WalkDir(files, "views", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".templ") {
			return err
		}
		text, err := fs.ReadFile(files, path)
		for number, line := range strings.Split(string(text), "\n") {
			lines[fmt.Sprintf("%s:%d", path, number+1)] = line
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(lines) == 0 {
		t.Fatal("no template was found under views")
	}
	return lines
}

func markupProblems(line string) (problems []string) {
	for _, rule := range forbiddenMarkup {
		match := rule.pattern.FindString(line)
		if match == "" || rule.unless != "" && strings.Contains(match, rule.unless) {
			continue
		}
		problems = append(problems, fmt.Sprintf("%s %s", strings.TrimSpace(match), rule.because))
	}
	return problems
}

func TestMarkupRulesCatchWhatTheyForbid(t *testing.T) {
	for _, test := range []struct {
		line string
		want []string
	}{
		{`<p>@templ.Raw(pod.Name)</p>`, []string{"templ.Raw templ.Raw does not escape"}},
		{`<script>go()</script>`, []string{"<script> is inline script"}},
		{`<script src={ static.URL("app.js") } defer></script>`, nil},
		{`<style media="print">`, []string{"<style is an inline stylesheet"}},
		{`<rect style={ width }></rect>`, []string{"style={ is inline style"}},
		{`<button onclick="go()">`, []string{`onclick=" is inline script`}},
		{`<button hx-on:click="go()">`, []string{`hx-on:click=" is inline script`}},
		{`<div hx-trigger="keyup[key=='x']">`, []string{`hx-trigger="keyup[ is a filter, which htmx evaluates as script`}},
		{`<a href="javascript:go()">`, []string{`"javascript: is script in an attribute`}},
		{`script graph(data string) {`, []string{"script graph( writes inline script"}},
		{`<div class="style" hx-trigger="sse:snapshot" data-only="one">`, nil},
	} {
		if diff := cmp.Diff(test.want, markupProblems(test.line)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.line, diff)
		}
	}
}
