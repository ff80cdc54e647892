package views

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/views/ui"
)

func TestParseQueryNeverFails(t *testing.T) {
	tests := map[string]struct {
		raw  string
		want Query
	}{
		"nothing":           {"", Query{}},
		"scope and order":   {"ns=shop&sort=-name&port=8080&kind=ServiceEntry", Query{Namespace: "shop", Sort: Sort{"name", true}, Port: 8080, Kind: "ServiceEntry"}},
		"a shared link":     {"at=2026-11-23T07:45:12Z", Query{At: time.Date(2026, 11, 23, 7, 45, 12, 0, time.UTC)}},
		"a port too large":  {"port=70000", Query{}},
		"a port in words":   {"port=http", Query{}},
		"a moment in words": {"at=yesterday", Query{}},
		"an empty order":    {"sort=-", Query{}},
		"spaces":            {"ns=+shop+", Query{Namespace: "shop"}},
		"broken UTF-8":      {"ns=%ff", Query{Namespace: "\uFFFD"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			values, err := url.ParseQuery(tt.raw)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, ParseQuery(values)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestParametersAreBounded(t *testing.T) {
	q := ParseQuery(url.Values{"q": {strings.Repeat("x", 1<<20)}, "ns": {strings.Repeat("n", 1<<20)}})
	if len(q.Text) > maxText || len(q.Namespace) > maxText {
		t.Errorf("%d and %d characters were taken", len(q.Text), len(q.Namespace))
	}
}

func TestSortTurnsRoundOnASecondClick(t *testing.T) {
	tests := []struct{ now, click, want string }{{"", "name", "name"}, {"name", "name", "-name"}, {"-name", "name", "name"}, {"-node", "name", "name"}}
	for _, tt := range tests {
		if got := parseSort(tt.now).next(tt.click); got != tt.want {
			t.Errorf("sorted by %q, a click on %s asks for %q, want %q", tt.now, tt.click, got, tt.want)
		}
	}
	if got := parseSort("-name").order("name"); got != ui.SortDescending {
		t.Errorf("-name is %q", got)
	}
}

func TestSortRowsIsStable(t *testing.T) {
	type row struct {
		name string
		n    int
	}
	by := map[string]func(a, b row) int{"n": By(func(r row) int { return r.n })}
	tests := map[string]string{"": "abc", "n": "bac", "-n": "acb", "odd": "abc"}
	for sort, want := range tests {
		rows := []row{{"a", 2}, {"b", 1}, {"c", 2}}
		SortRows(rows, parseSort(sort), by)
		got := ""
		for _, r := range rows {
			got += r.name
		}
		if got != want {
			t.Errorf("sort=%s gives %s, want %s", sort, got, want)
		}
	}
}

// row is a pod as a list would describe it to a filter.
func row(key string) ([]string, bool) {
	switch key {
	case "":
		return []string{"orders-7d5-abc", "Deployment orders"}, true
	case "ns":
		return []string{"Shop"}, true
	case "node":
		return []string{"node-a"}, true
	case "waypoint":
		return []string{"none"}, true
	case "label":
		return []string{"app=orders", "tier=two words"}, true
	}
	return nil, false
}

func TestFilter(t *testing.T) {
	tests := map[string]struct {
		filter string
		want   bool
	}{
		"nothing asked":                       {"", true},
		"part of the text":                    {"ders", true},
		"in any case":                         {"ORDERS", true},
		"not in the text":                     {"web", false},
		"two words, both there":               {"orders deploy", true},
		"two words, one there":                {"orders web", false},
		"quoted":                              {`"deployment orders"`, true},
		"quoted, other order":                 {`"orders deployment"`, false},
		"a key":                               {"ns:shop", true},
		"a key must match whole":              {"ns:sho", false},
		"a key with a star":                   {"ns:sh*", true},
		"stars at both ends":                  {"node:*ode*", true},
		"stars that do not fit":               {"node:n*b", false},
		"a star cannot use letters twice":     {"node:node-*-a", false},
		"one of several":                      {"ns:web,shop", true},
		"none of several":                     {"ns:web,billing", false},
		"without a waypoint":                  {"waypoint:none", true},
		"not":                                 {"-ns:shop", false},
		"not, other":                          {"-ns:web", true},
		"not, text":                           {"-orders", false},
		"a quoted value":                      {`label:"tier=two words"`, true},
		"a quote that does not end":           {`"deployment ord`, true},
		"an unknown key is ignored":           {"colour:red", true},
		"an unknown key, denied, is ignored":  {"-colour:red", true},
		"a key without a value is ignored":    {"ns:", true},
		"an address is text":                  {"fd00::1", false},
		"a URL is text":                       {"http://orders", false},
		"a key in capitals":                   {"NS:shop", true},
		"only a dash":                         {"-", true},
		"only quotes":                         {`""`, true},
		"commas only":                         {"ns:,,,", true},
		"key and text":                        {"ns:shop orders node:node-a", true},
		"a list of values with an empty part": {"ns:shop,", true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := ParseFilter(tt.filter).Match(row); got != tt.want {
				t.Errorf("%q matches: %t, want %t", tt.filter, got, tt.want)
			}
		})
	}
}

func TestUnknownKeysAreNamedOnce(t *testing.T) {
	got := ParseFilter("ns:a colour:red -colour:blue size:1 word").Unknown("ns", "node")
	if diff := cmp.Diff([]string{"colour", "size"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestAFilterIsBounded(t *testing.T) {
	many := ParseFilter(strings.Repeat("word ", 10_000))
	wide := ParseFilter("ns:" + strings.Repeat("a,", 10_000))
	if len(many.Terms) > maxTerms || len(wide.Terms[0].Values) > maxValues {
		t.Errorf("%d terms, %d values", len(many.Terms), len(wide.Terms[0].Values))
	}
}

func FuzzFilter(f *testing.F) {
	f.Add(`ns:shop -node:"a b" *x* "`)
	f.Add("\x00\xff:*,*")
	f.Fuzz(func(_ *testing.T, text string) {
		ParseFilter(text).Match(row)
	})
}
