package waylight_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"
)

// TestRulesCatchWhatTheyForbid proves the rules on packages that do not exist, one broken row each.
func TestRulesCatchWhatTheyForbid(t *testing.T) {
	all := map[string]goPackage{"fmt": {ImportPath: "fmt", Standard: true}, "net/http": {ImportPath: "net/http", Standard: true}}
	for _, test := range []struct {
		what, of string
		is       goPackage
		want     []string
	}{
		{"the domain with the standard library", "mesh", goPackage{Imports: []string{"fmt"}, Deps: []string{"fmt"}}, nil},
		{
			"the domain with a library", "mesh",
			goPackage{Imports: []string{"example.org/lib"}, Deps: []string{"example.org/lib"}},
			[]string{"builds on example.org/lib, which is not of the standard library"},
		},
		{"the domain with HTTP", "mesh", goPackage{Deps: []string{"net/http"}}, []string{"builds on net/http"}},
		{"the domain with ours", "mesh", goPackage{Imports: []string{module + "/analysis"}}, []string{"imports analysis"}},
		{"a pure function with Kubernetes", "analysis", goPackage{Deps: []string{"k8s.io/api/core/v1"}}, []string{"builds on k8s.io/api/core/v1"}},
		{"the path engine upwards", "analysis/path", goPackage{Imports: []string{module + "/analysis"}}, []string{"imports analysis"}},
		{"the path engine to authz", "analysis/path", goPackage{Imports: []string{module + "/analysis/authz"}}, nil},
		{"a collector to its sibling", "collectors/prom", goPackage{Imports: []string{module + "/collectors/kube"}}, []string{"imports collectors/kube"}},
		{"a bundle to its sibling", "collectors/bundle", goPackage{Imports: []string{module + "/collectors/kube"}}, nil},
		{"a bundle to the views", "collectors/bundle", goPackage{Imports: []string{module + "/views"}}, []string{"imports views"}},
		{"a page to a collector", "views", goPackage{Imports: []string{module + "/collectors"}}, []string{"imports collectors"}},
		{"a component to a page", "views/ui", goPackage{Imports: []string{module + "/views"}}, []string{"imports views"}},
		{
			"the server to Kubernetes, through another", "server",
			goPackage{Imports: []string{"example.org/lib"}, Deps: []string{"example.org/lib", "k8s.io/client-go/rest"}},
			[]string{"builds on k8s.io/client-go/rest"},
		},
		{"the server to views, all of them", "server", goPackage{Imports: []string{module + "/views", module + "/views/ui"}}, nil},
		{"the server to fixtures", "server", goPackage{Imports: []string{module + "/mesh/meshtest"}}, []string{"imports mesh/meshtest"}},
		{"a test of the server to fixtures", "server", goPackage{TestImports: []string{module + "/mesh/meshtest"}}, nil},
		{"a test of the server to a collector", "server", goPackage{XTestImports: []string{module + "/collectors/kube"}}, []string{"imports in a test collectors/kube"}},
		{"the command to everything", "cmd/waylight", goPackage{Imports: []string{module + "/collectors/kube", module + "/server"}}, nil},
	} {
		t.Run(test.what, func(t *testing.T) {
			test.is.ImportPath = module + "/" + test.of
			row, ok := ruleFor(test.of)
			if !ok {
				t.Fatalf("no rule for %s", test.of)
			}
			if diff := cmp.Diff(test.want, row.violations(test.is, all)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
	if _, ok := ruleFor("util"); ok {
		t.Error("a package outside the table has a rule")
	}
}

// TestLinterHoldsTheSameTable compares the rules above with those of depguard, which tell an author while he types.
func TestLinterHoldsTheSameTable(t *testing.T) {
	linted := depguardRules(t)
	for name, row := range rules {
		if name == "" || matchesAny(row.may, "anything") {
			continue // nothing is forbidden there
		}
		want := []string{module + "/mesh/meshtest$"}
		for _, pattern := range row.may {
			want = append(want, depguardEntry(pattern))
		}
		for _, pattern := range append(row.tests, name) {
			if !matchesAny(row.may, pattern) { // of two entries depguard would see only the narrower
				want = append(want, depguardEntry(pattern))
			}
		}
		got := slices.DeleteFunc(linted[name], func(allowed string) bool { return !strings.HasPrefix(allowed, module) })
		slices.Sort(want)
		slices.Sort(got)
		if diff := cmp.Diff(slices.Compact(want), got); diff != "" {
			t.Errorf("depguard rule %s (-table +.golangci.yml):\n%s", name, diff)
		}
	}
}

// depguardEntry writes a pattern of the table as depguard has it: a prefix, or one package with a dollar sign at its end.
func depguardEntry(pattern string) string {
	if subtree, ok := strings.CutSuffix(pattern, "/..."); ok {
		return module + "/" + subtree
	}
	return module + "/" + pattern + "$"
}

// depguardRules returns what each rule of .golangci.yml allows.
func depguardRules(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile(".golangci.yml")
	if err != nil {
		t.Fatal(err)
	}
	var config struct {
		Linters struct {
			Settings struct {
				Depguard struct {
					Rules map[string]struct {
						Allow []string `json:"allow"`
					} `json:"rules"`
				} `json:"depguard"`
			} `json:"settings"`
		} `json:"linters"`
	}
	if err := yaml.Unmarshal(text, &config); err != nil {
		t.Fatal(err)
	}
	allowed := map[string][]string{}
	for name, rule := range config.Linters.Settings.Depguard.Rules {
		allowed[name] = rule.Allow
	}
	return allowed
}
