package main

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/static"
)

// project is a module root in small: each of its packages ships just what the builder reads.
func project() map[string]string {
	return map[string]string{
		"static/src/app.css":     `@import "scale:slate"; body { color: var(--slate-12); }`,
		"static/src/app.js":      `import greeting from "pkg"; import "./page.js"; document.title = greeting;`,
		"static/src/page.js":     `document.body.hidden = false;`,
		"static/src/chart.js":    `import greeting from "pkg"; console.log(greeting);`,
		"static/src/regexp.js":   `import greeting from "pkg"; export const compile = () => greeting;`,
		"static/src/favicon.svg": `<svg xmlns="http://www.w3.org/2000/svg"/>`,
		"static/icons.txt":       "# how to leave\nx\n\ncheck # and stay\n",
		"package-lock.json": `{"packages": {"": {"name": "waylight"},
			"node_modules/pkg": {"version": "1.2.3", "license": "MIT"},
			"node_modules/@scope/other": {"version": "4.5.6", "license": "ISC"}}}`,
		"node_modules/pkg/package.json":                  `{"name": "pkg", "module": "index.js"}`,
		"node_modules/pkg/index.js":                      `export default "hello from pkg";`,
		"node_modules/pkg/LICENSE":                       "Permission is granted by pkg.\n",
		"node_modules/@scope/other/LICENCE.md":           "Permission is granted by other.\n",
		"node_modules/@radix-ui/colors/slate.css":        ":root, .light, .light-theme { --slate-12: #111111; }",
		"node_modules/@radix-ui/colors/slate-dark.css":   ".dark, .dark-theme { --slate-12: #eeeeee; }",
		"node_modules/lucide-static/icons/x.svg":         `<svg viewBox="0 0 24 24" fill="none"><path d="M18 6 6 18" /></svg>`,
		"node_modules/lucide-static/icons/check.svg":     `<svg viewBox="0 0 24 24"><path d="M20 6" /></svg>`,
		"node_modules/lucide-static/icons/forgotten.svg": `<svg viewBox="0 0 24 24"/>`,
	}
}

func lay(t *testing.T, files map[string]string) (root, out string) {
	t.Helper()
	root = t.TempDir()
	for name, content := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root, filepath.Join(root, "static", "dist")
}

// read returns the files of a folder by name.
func read(t *testing.T, folder string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, entry := range entries {
		content, err := os.ReadFile(filepath.Join(folder, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[entry.Name()] = string(content)
	}
	return files
}

// asset finds a built file by its plain name.
func find(t *testing.T, out, name string) string {
	t.Helper()
	manifest, err := readManifest(out)
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(filepath.Join(out, manifest[name].File))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestPackageStaticReadsWhatIsBuilt(t *testing.T) {
	root, out := lay(t, project())
	if err := build(root, out); err != nil {
		t.Fatal(err)
	}
	assets, err := static.New(os.DirFS(out))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"app.css", "app.js", "chart.js", "regexp.js", "icons.svg", "favicon.svg", "THIRD_PARTY_NOTICES.txt"} {
		if url := assets.URL(name); !strings.Contains(url, "-") {
			t.Errorf("%s has no hashed name: %s", name, url)
		}
	}
}

func TestSameInputGivesSameBytes(t *testing.T) {
	root, out := lay(t, project())
	if err := build(root, out); err != nil {
		t.Fatal(err)
	}
	first := read(t, out)
	if err := build(root, out); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, read(t, out)); diff != "" {
		t.Errorf("second build (-first +second):\n%s", diff)
	}
}

func TestRebuildRemovesOnlyItsOwnFiles(t *testing.T) {
	root, out := lay(t, project())
	if err := build(root, out); err != nil {
		t.Fatal(err)
	}
	before := read(t, out)
	for _, path := range []string{"static/dist/.gitkeep", "static/dist/notes.txt"} {
		if err := os.WriteFile(filepath.Join(root, path), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(root, "static/src/page.js"), []byte("alert(1)"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := build(root, out); err != nil {
		t.Fatal(err)
	}
	names := func(files map[string]string, part string) []string {
		return slices.DeleteFunc(slices.Sorted(maps.Keys(files)), func(name string) bool { return !strings.Contains(name, part) })
	}
	after := read(t, out)
	if cmp.Equal(names(before, "app-"), names(after, "app-")) || len(names(after, ".js")) != len(names(before, ".js")) {
		t.Errorf("scripts before %v, after %v", names(before, ".js"), names(after, ".js"))
	}
	if len(names(after, ".gitkeep")) != 1 || len(names(after, "notes.txt")) != 1 {
		t.Errorf("files of others are gone: %v", slices.Sorted(maps.Keys(after)))
	}
}

func TestScriptIsOneFileWithItsImports(t *testing.T) {
	root, out := lay(t, project())
	if err := build(root, out); err != nil {
		t.Fatal(err)
	}
	script := find(t, out, "app.js")
	for _, part := range []string{"hello from pkg", "document.body.hidden"} {
		if !strings.Contains(script, part) {
			t.Errorf("%q is not in the script: %s", part, script)
		}
	}
	if strings.Contains(script, "import") {
		t.Errorf("the script still imports: %s", script)
	}
}

func TestAModuleExportsAndImportsNothing(t *testing.T) {
	root, out := lay(t, project())
	if err := build(root, out); err != nil {
		t.Fatal(err)
	}
	if module := find(t, out, "regexp.js"); !strings.Contains(module, "export{") || strings.Contains(module, "import") || !strings.Contains(module, "hello from pkg") {
		t.Errorf("the module is %s", module)
	}
}

func TestNoticesHoldEveryLicenceInFull(t *testing.T) {
	root, out := lay(t, project())
	if err := build(root, out); err != nil {
		t.Fatal(err)
	}
	notices := find(t, out, "THIRD_PARTY_NOTICES.txt")
	for _, part := range []string{"pkg 1.2.3 (MIT)", "granted by pkg.", "@scope/other 4.5.6 (ISC)", "granted by other."} {
		if !strings.Contains(notices, part) {
			t.Errorf("%q is not in the notices:\n%s", part, notices)
		}
	}
}

func TestIconsBecomeSymbols(t *testing.T) {
	root, out := lay(t, project())
	if err := build(root, out); err != nil {
		t.Fatal(err)
	}
	sprite := find(t, out, "icons.svg")
	for _, part := range []string{`<symbol id="x" viewBox="0 0 24 24" `, `stroke="currentColor"`, `<path d="M18 6 6 18" /></symbol>`, `<symbol id="check"`} {
		if !strings.Contains(sprite, part) {
			t.Errorf("%s is not in the sprite:\n%s", part, sprite)
		}
	}
	if strings.Contains(sprite, "forgotten") || strings.Contains(sprite, "how to leave") {
		t.Errorf("the sprite holds what the list does not name:\n%s", sprite)
	}
}

func TestColourScaleFollowsSystemPageAndPaper(t *testing.T) {
	root, out := lay(t, project())
	if err := build(root, out); err != nil {
		t.Fatal(err)
	}
	want := `:root{--slate-12: #111111}` +
		`@media screen and (prefers-color-scheme:dark){:root:not([data-theme=light]){--slate-12: #eeeeee}}` +
		`@media screen{:root[data-theme=dark]{--slate-12: #eeeeee}}` +
		`body{color:var(--slate-12)}`
	if got := strings.TrimSpace(find(t, out, "app.css")); got != want {
		t.Errorf("stylesheet:\n got %s\nwant %s", got, want)
	}
}

func TestBuildNamesWhatIsWrong(t *testing.T) {
	for _, test := range []struct{ what, file, content, says string }{
		{"an icon that the package does not have", "static/icons.txt", "x\nunicorn\n", `icons.txt:2: icon "unicorn"`},
		{"an icon listed twice", "static/icons.txt", "x\nx\n", `icons.txt:2: icon "x" is listed twice`},
		{"an icon that is not SVG", "node_modules/lucide-static/icons/x.svg", "<svg", `icon "x"`},
		{"an unknown colour scale", "static/src/app.css", `@import "scale:mud";`, `colour scale "mud"`},
		{"a colour scale published differently", "node_modules/@radix-ui/colors/slate-dark.css", "html {}", `no rule for ".dark, .dark-theme"`},
		{"a script that does not parse", "static/src/page.js", "let = ;", "page.js"},
		{"an import of nothing", "static/src/app.js", `import "nothing";`, `"nothing"`},
		{"a misspelt CSS property", "static/src/app.css", "body { colour: red; wdith: 1px }", "wdith"},
		{"a lock file that is not JSON", "package-lock.json", "{", "package-lock.json"},
		{"a package without a licence", "package-lock.json", `{"packages": {"node_modules/lucide-static": {}}}`, "lucide-static has no licence file"},
	} {
		t.Run(test.what, func(t *testing.T) {
			files := project()
			files[test.file] = test.content
			root, out := lay(t, files)
			err := build(root, out)
			if err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("error %v does not say %s", err, test.says)
			}
			if _, err := os.Stat(out); err == nil {
				t.Error("a failed build touched the assets")
			}
		})
	}
}
