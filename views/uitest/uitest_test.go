package uitest_test

import (
	"strings"
	"testing"

	"github.com/waylight/waylight/views/uitest"
)

func TestProblems(t *testing.T) {
	tests := map[string]struct {
		html string
		want string // part of the only problem; empty for none
	}{
		"a plain page":            {`<a href="/services">Services</a><script src="/static/app.js"></script>`, ""},
		"an inline script":        {`<script>alert(1)</script>`, "inline script"},
		"an inline stylesheet":    {`<style>a{}</style>`, "inline stylesheet"},
		"a style attribute":       {`<p style="color:red">x</p>`, "attribute style"},
		"a handler":               {`<p onclick="x()">x</p>`, "attribute onclick"},
		"a handler of htmx":       {`<p hx-on:click="x()">x</p>`, "attribute hx-on:click"},
		"a link with a script":    {`<a href="javascript:alert(1)">x</a>`, "leads elsewhere"},
		"a link without a scheme": {`<a href="//evil.example">x</a>`, "leads elsewhere"},
		"an id twice":             {`<p id="a"></p><p id="a"></p>`, "twice"},
		"an unknown icon":         {`<svg><use href="/static/icons.svg#unicorn"></use></svg>`, "unicorn"},
		"a button without words":  {`<button type="button"></button>`, "without words"},
		"a button to come":        {`<button type="button" hidden></button>`, ""},
		"a field without a label": {`<input name="q">`, "without a label"},
		"a field in a label":      {`<label>Search <input name="q"></label>`, ""},
		"a field with a label":    {`<label for="q">Search</label><input id="q" name="q">`, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			problems := uitest.Problems(uitest.Parse(t, tt.html))
			switch {
			case tt.want == "" && len(problems) > 0:
				t.Errorf("found %q in a page that is fine", problems)
			case tt.want != "" && (len(problems) != 1 || !strings.Contains(problems[0], tt.want)):
				t.Errorf("found %q, want one problem with %q", problems, tt.want)
			}
		})
	}
}
