package static_test

import (
	"errors"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/waylight/waylight/static"
)

// built is a folder as static/build leaves it: one file that compression helps and one that it does not.
func built() fstest.MapFS {
	return fstest.MapFS{
		".gitkeep": {},
		"manifest.json": {Data: []byte(`{
			"app.css": {"file": "app-aaaa.css", "sha256": "aaaa1111"},
			"icons.svg": {"file": "icons-bbbb.svg", "sha256": "bbbb2222"}}`)},
		"app-aaaa.css":    {Data: []byte("body{margin:0}")},
		"app-aaaa.css.gz": {Data: []byte("compressed")},
		"icons-bbbb.svg":  {Data: []byte("<svg/>")},
	}
}

func TestAddresses(t *testing.T) {
	assets, err := static.New(built())
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ what, got, want string }{
		{"a built asset has its hash in its name", assets.URL("app.css"), "/static/app-aaaa.css"},
		{"an unknown asset keeps its name", assets.URL("missing.js"), "/static/missing.js"},
		{"an icon is a fragment of the sprite", assets.IconURL("copy"), "/static/icons-bbbb.svg#copy"},
		{"without assets the addresses are well formed", new(static.Assets).URL("app.css"), "/static/app.css"},
	} {
		if test.got != test.want {
			t.Errorf("%s: got %q, want %q", test.what, test.got, test.want)
		}
	}
}

func TestNewRefusesIncompleteFolders(t *testing.T) {
	change := func(name, content string) fstest.MapFS {
		folder := maps.Clone(built())
		folder[name] = &fstest.MapFile{Data: []byte(content)}
		return folder
	}
	without := func(name string) fstest.MapFS {
		folder := maps.Clone(built())
		delete(folder, name)
		return folder
	}
	for _, test := range []struct {
		what   string
		folder fs.FS
		is     error  // what the error wraps, or
		says   string // what it says
	}{
		{"only the placeholder", fstest.MapFS{".gitkeep": {}}, static.ErrNotBuilt, ""},
		{"a file that the manifest names is missing", without("app-aaaa.css"), fs.ErrNotExist, "app.css"},
		{"a manifest that is not JSON", change("manifest.json", "{"), nil, "manifest.json"},
		{"a kind of file without a content type", change("manifest.json", `{"a": {"file": "a.exe"}}`), nil, "a.exe has no known content type"},
	} {
		t.Run(test.what, func(t *testing.T) {
			assets, err := static.New(test.folder)
			if err == nil {
				t.Fatal("accepted")
			}
			if test.is != nil && !errors.Is(err, test.is) || !strings.Contains(err.Error(), test.says) {
				t.Errorf("error %q does not say what is wrong", err)
			}
			if got := assets.URL("app.css"); got != "/static/app.css" {
				t.Errorf("addresses must stay well formed, got %q", got)
			}
		})
	}
}

func TestIconsAreListedOnceWithoutComments(t *testing.T) {
	icons := static.Icons()
	if !slices.Contains(icons, "triangle-alert") {
		t.Error("the icon of an error is not listed")
	}
	seen := map[string]bool{}
	for _, name := range icons {
		if seen[name] || strings.ContainsAny(name, " #\t") {
			t.Errorf("icon %q is listed twice or is no name", name)
		}
		seen[name] = true
	}
}

// TestEmbedded holds what every binary must keep to, whether or not Node.js ran before it was compiled.
func TestEmbedded(t *testing.T) {
	if err := static.Err(); err != nil && !errors.Is(err, static.ErrNotBuilt) {
		t.Fatalf("the embedded assets are broken: %v", err)
	}
	if static.Built() != (static.Err() == nil) {
		t.Error("Built and Err disagree")
	}
	for _, name := range []string{"app.css", "app.js", "chart.js", "regexp.js", "icons.svg", "favicon.svg", "THIRD_PARTY_NOTICES.txt"} {
		status := get(t, static.Handler(), static.URL(name), nil).Code
		if served := status == 200; served != static.Built() {
			t.Errorf("%s: status %d, built: %v", name, status, static.Built())
		}
	}
}
