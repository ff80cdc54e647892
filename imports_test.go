package waylight_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/waylight/waylight"

// rule is one row of the import table of docs/architecture.md. Paths are relative to the module, "x/..." means x and
// everything below it.
type rule struct {
	may          []string // packages of ours that it may import
	tests        []string // and that only its tests may import; every test may also import mesh/meshtest and what it tests
	standardOnly bool     // nothing but the standard library besides, directly or through others
	mustNotReach []string // prefixes of import paths that nothing it builds on may have
}

var (
	// kubernetes is what only three collectors know: everybody else works on mesh types.
	kubernetes = []string{"k8s.io/", "sigs.k8s.io/", "istio.io/"}
	// outside is what pure functions of a snapshot have no use for.
	outside = append([]string{"net/http"}, kubernetes...)
	// belowViews is what a page is made of.
	belowViews = []string{"mesh", "analysis/..."}
)

var rules = map[string]rule{
	"":        {tests: []string{"static"}},
	"cmd/...": {may: []string{"..."}},

	"mesh":             {standardOnly: true, mustNotReach: outside},
	"mesh/meshtest":    {may: []string{"mesh"}, mustNotReach: outside},
	"analysis":         {may: []string{"mesh", "analysis/path", "analysis/authz", "analysis/kubectl", "analysis/traffic"}, tests: []string{"collectors/kube"}, mustNotReach: outside},
	"analysis/path":    {may: []string{"mesh", "analysis/authz", "analysis/kubectl", "analysis/logline"}, mustNotReach: outside},
	"analysis/kubectl": {may: []string{"mesh"}, mustNotReach: outside},
	"analysis/authz":   {may: []string{"mesh"}, mustNotReach: outside},
	"analysis/drift":   {may: []string{"mesh", "analysis/path", "analysis/authz"}, mustNotReach: outside},
	"analysis/traffic": {may: []string{"mesh", "analysis/path"}, mustNotReach: outside},
	"analysis/logline": {may: []string{"mesh"}, tests: []string{"collectors/istiolog", "collectors/ztunnel", "collectors/envoy"}, mustNotReach: outside},

	"collectors":            {may: []string{"mesh"}, mustNotReach: kubernetes},
	"collectors/kube":       {may: []string{"mesh", "collectors"}},
	"collectors/tunnel":     {may: []string{"mesh"}},
	"collectors/podlog":     {may: []string{"mesh"}},
	"collectors/istiolog":   {may: []string{"mesh"}, mustNotReach: kubernetes},
	"collectors/jsonstream": {mustNotReach: outside},
	"collectors/ztunnel":    {may: []string{"mesh", "collectors/istiolog", "collectors/jsonstream"}, mustNotReach: kubernetes},
	"collectors/envoy":      {may: []string{"mesh", "collectors/istiolog", "collectors/jsonstream"}, mustNotReach: kubernetes},
	"collectors/istiod":     {may: []string{"mesh", "collectors/jsonstream"}, mustNotReach: kubernetes},
	"collectors/prom":       {may: []string{"mesh"}, mustNotReach: kubernetes},
	"collectors/traffic":    {may: []string{"mesh", "collectors"}, tests: []string{"collectors/prom"}, mustNotReach: kubernetes},
	"collectors/prometheus": {may: []string{"mesh", "collectors", "collectors/jsonstream", "collectors/traffic"}, mustNotReach: kubernetes},
	"collectors/bundle":     {may: []string{"mesh", "collectors/..."}},
	"collectors/manifest":   {may: []string{"mesh", "collectors", "collectors/kube"}},
	"collectors/evidence":   {may: []string{"mesh", "collectors/..."}},
	"collectors/loglevel":   {may: []string{"mesh", "collectors", "collectors/tunnel"}},

	"views": {
		may:          append([]string{"views/ui", "views/text", "static"}, belowViews...),
		tests:        []string{"views/uitest"},
		mustNotReach: kubernetes,
	},
	"views/ui": {
		may:          append([]string{"static"}, belowViews...),
		tests:        []string{"views/uitest"},
		mustNotReach: kubernetes,
	},
	"views/gallery": {
		may:          append([]string{"views", "views/ui", "mesh/meshtest"}, belowViews...),
		tests:        []string{"views/uitest"},
		mustNotReach: kubernetes,
	},
	"views/text":   {may: belowViews, mustNotReach: kubernetes},
	"views/uitest": {may: []string{"static"}, mustNotReach: kubernetes},

	"server": {
		may:          append([]string{"views/...", "static"}, belowViews...),
		tests:        []string{"server/browsertest", "views/uitest"},
		mustNotReach: kubernetes,
	},
	"server/browsertest": {mustNotReach: kubernetes},

	"static":       {standardOnly: true},
	"static/build": {tests: []string{"static"}},
}

// goPackage is what `go list` tells of a package.
type goPackage struct {
	ImportPath   string
	Standard     bool
	Imports      []string
	TestImports  []string
	XTestImports []string
	Deps         []string // everything it builds on, test files aside
}

func TestPackagesKeepToTheImportTable(t *testing.T) {
	packages := listPackages(t)
	checked := 0
	for _, p := range packages {
		name, ours := relative(p.ImportPath)
		if !ours {
			continue
		}
		checked++
		row, ok := ruleFor(name)
		if !ok {
			t.Errorf("%s is not in the import table: add its row here, in .golangci.yml and in docs/architecture.md", name)
			continue
		}
		for _, problem := range row.violations(p, packages) {
			t.Errorf("%s %s", name, problem)
		}
	}
	if checked < 2 {
		t.Errorf("only %d packages of the module were found", checked)
	}
}

// listPackages returns every package of the module and everything that they build on, by import path.
func listPackages(t *testing.T) map[string]goPackage {
	t.Helper()
	list := exec.CommandContext(t.Context(), "go", "list", "-deps",
		"-json=ImportPath,Standard,Imports,TestImports,XTestImports,Deps", "./...")
	var complaints bytes.Buffer
	list.Stderr = &complaints
	output, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, &complaints)
	}
	packages := map[string]goPackage{}
	for decoder := json.NewDecoder(bytes.NewReader(output)); ; {
		var p goPackage
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages[p.ImportPath] = p
	}
}

// relative turns an import path of the module into the table's form: "" for the root, else "mesh/meshtest".
func relative(importPath string) (name string, ours bool) {
	if importPath == module {
		return "", true
	}
	return strings.CutPrefix(importPath, module+"/")
}

// ruleFor finds the row of a package: its own, else that of the subtree it is in.
func ruleFor(name string) (rule, bool) {
	if row, ok := rules[name]; ok {
		return row, true
	}
	for pattern, row := range rules {
		if strings.HasSuffix(pattern, "...") && matches(pattern, name) {
			return row, true
		}
	}
	return rule{}, false
}

func matches(pattern, name string) bool {
	root, subtree := strings.CutSuffix(pattern, "...")
	if !subtree {
		return pattern == name
	}
	return root == "" || name+"/" == root || strings.HasPrefix(name, root)
}

func matchesAny(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool { return matches(pattern, name) })
}

// violations says how a package breaks its row, as the rest of a sentence that begins with its name.
func (r rule) violations(p goPackage, all map[string]goPackage) []string {
	self, _ := relative(p.ImportPath)
	allowedInTests := slices.Concat(r.may, r.tests, []string{"mesh/meshtest", self})
	return slices.Concat(
		forbiddenImports("imports", p.Imports, r.may),
		forbiddenImports("imports in a test", append(p.TestImports, p.XTestImports...), allowedInTests),
		r.forbiddenDependencies(p, all))
}

func forbiddenImports(verb string, imports, allowed []string) (problems []string) {
	for _, path := range imports {
		if name, ours := relative(path); ours && !matchesAny(allowed, name) {
			problems = append(problems, verb+" "+name)
		}
	}
	return problems
}

func (r rule) forbiddenDependencies(p goPackage, all map[string]goPackage) (problems []string) {
	for _, path := range p.Deps {
		_, ours := relative(path)
		if r.standardOnly && !ours && !all[path].Standard {
			problems = append(problems, "builds on "+path+", which is not of the standard library")
		}
		for _, prefix := range r.mustNotReach {
			if path == prefix || strings.HasPrefix(path, prefix) {
				problems = append(problems, "builds on "+path)
			}
		}
	}
	return problems
}
