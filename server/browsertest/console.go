package browsertest

import (
	"fmt"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
)

// listen keeps what a page complains of: exceptions, console errors and
// warnings, and the browser's own log, which has the violations of the content
// security policy and what could not be loaded.
func (tab *Tab) listen(event any) {
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		d := e.ExceptionDetails
		if d.Exception != nil {
			tab.complain("exception: %s %s", d.Text, d.Exception.Description)
			return
		}
		tab.complain("exception: %s", d.Text)
	case *runtime.EventConsoleAPICalled:
		for _, arg := range e.Args {
			tab.complain("console %s: %s %s", e.Type, arg.Description, arg.Value)
		}
	case *log.EventEntryAdded:
		tab.complain("%s %s: %s (%s)", e.Entry.Source, e.Entry.Level, e.Entry.Text, e.Entry.URL)
	}
}

func (tab *Tab) complain(format string, args ...any) {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	tab.complaints = append(tab.complaints, fmt.Sprintf(format, args...))
}

// Complaints returns what pages complained of since the last call.
func (tab *Tab) Complaints() []string {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	out := tab.complaints
	tab.complaints = nil
	return out
}
