package cluster

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// thisModule is the module that the tests are in; its folder holds build.sh.
const thisModule = "github.com/waylight/waylight/e2e"

// built holds the programs that this test run has built already, by name.
var built = struct {
	sync.Mutex
	paths map[string]string
}{paths: make(map[string]string)}

// Program builds one of the programs of build.sh, once a test run, and answers its path. Go's build cache makes that a
// matter of seconds when nothing changed, and what is tested is always what the tree holds.
func Program(t testing.TB, name string) string {
	t.Helper()
	built.Lock()
	defer built.Unlock()
	if path, ok := built.paths[name]; ok {
		return path
	}
	dir, err := moduleDir(thisModule)
	if err != nil {
		t.Fatal(err)
	}
	script := exec.Command(filepath.Join(dir, "build.sh"), name)
	script.Stdout, script.Stderr = os.Stderr, os.Stderr
	if err := script.Run(); err != nil {
		t.Fatalf("build %s: %v", name, err)
	}
	built.paths[name] = filepath.Join(dir, "..", "bin", "e2e", name)
	return built.paths[name]
}

// Installed answers the path of a program of the operating system, the first of names that there is. Without one the
// test is skipped with a sentence that says what was not run; in CI that is a failure, because a skipped test proves nothing.
func Installed(t testing.TB, names ...string) string {
	t.Helper()
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	missing := fmt.Sprintf("not run: this test needs %s, which is not installed (see e2e/README.md)", strings.Join(names, " or "))
	if os.Getenv("CI") == "true" {
		t.Fatal(missing)
	}
	t.Skip(missing)
	return ""
}

// moduleDir answers the folder of a module of this build: its own, or the module cache's, into which it is downloaded
// when it is not there yet.
func moduleDir(module string) (string, error) {
	if out, err := exec.Command("go", "mod", "download", module).CombinedOutput(); err != nil && module != thisModule {
		return "", fmt.Errorf("download %s: %w: %s", module, err, out)
	}
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	if err != nil {
		return "", fmt.Errorf("find module %s: %w", module, err)
	}
	return strings.TrimSpace(string(out)), nil
}
