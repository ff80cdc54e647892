package analysis_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/waylight/waylight/analysis"
)

var update = flag.Bool("update", false, "write docs/checks.md from the catalogue")

func TestCatalogueIsSortedAndUnique(t *testing.T) {
	var codes []string
	for _, c := range analysis.Checks() {
		codes = append(codes, c.Code)
	}
	if !slices.IsSorted(codes) || len(slices.Compact(slices.Clone(codes))) != len(codes) {
		t.Errorf("codes must be sorted and unique: %v", codes)
	}
}

func TestCatalogueEntriesAreComplete(t *testing.T) {
	known := make(map[string]bool)
	for _, c := range analysis.Checks() {
		known[c.Code] = true
	}
	code := regexp.MustCompile(`^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$`)
	for _, c := range analysis.Checks() {
		t.Run(c.Code, func(t *testing.T) {
			if !code.MatchString(c.Code) {
				t.Error("a code is words in capitals joined by underscores")
			}
			if (c.Namespace == nil) == (c.Mesh == nil) {
				t.Error("exactly one of Namespace and Mesh must be set")
			}
			if c.Severity.Rank() > analysis.Info.Rank() {
				t.Errorf("severity %q is none", c.Severity)
			}
			if !slices.Contains([]analysis.Class{analysis.Breaks, analysis.Unprotected, analysis.Risk}, c.Class) {
				t.Errorf("class %q is none", c.Class)
			}
			for name, text := range map[string]string{"Subject": c.Subject, "Title": c.Title} {
				if text == "" || strings.HasSuffix(text, ".") {
					t.Errorf("%s must be some words and no sentence: %q", name, text)
				}
			}
			for name, text := range map[string]string{"Explanation": c.Explanation, "Fires": c.Fires, "Silent": c.Silent, "Doubt": c.Doubt} {
				if !strings.HasSuffix(text, ".") {
					t.Errorf("%s must be sentences: %q", name, text)
				}
			}
			for _, cause := range c.ConsequenceOf {
				if !known[cause] || cause == c.Code {
					t.Errorf("consequence of %s, which is no other check", cause)
				}
			}
			checkResources(t, &c)
		})
	}
}

func checkResources(t *testing.T, c *analysis.Check) {
	t.Helper()
	if len(c.Needs) == 0 {
		t.Error("a check without needs would judge a cluster nobody can read")
	}
	for _, r := range c.Uses {
		if slices.Contains(c.Needs, r) {
			t.Errorf("%q is both needed and only used", r)
		}
	}
}

func TestCatalogueIsTheCallersOwn(t *testing.T) {
	list := analysis.Checks()
	list[0].Code = "CHANGED"
	if analysis.Checks()[0].Code == "CHANGED" {
		t.Error("a change of the list reached the catalogue")
	}
}

func TestCatalogueIsWrittenToTheDocs(t *testing.T) {
	var b bytes.Buffer
	if err := analysis.WriteCatalogue(&b); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join("..", "docs", "checks.md")
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != b.String() {
		t.Errorf("%s is not what the catalogue says; run go generate ./analysis", file)
	}
}
