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

// build runs build.sh once for a whole test run. Go's build cache makes that a matter of seconds when nothing changed,
// and what is tested is always what the tree holds.
var build = sync.OnceValues(func() (string, error) {
	dir, err := moduleDir(thisModule)
	if err != nil {
		return "", err
	}
	script := exec.Command(filepath.Join(dir, "build.sh"))
	script.Stdout, script.Stderr = os.Stderr, os.Stderr
	if err := script.Run(); err != nil {
		return "", fmt.Errorf("build.sh: %w", err)
	}
	return filepath.Join(dir, "..", "bin", "e2e"), nil
})

// Program answers the path of one of the programs that build.sh makes: kube-apiserver, istiod, istio-render, waylight.
func Program(t testing.TB, name string) string {
	t.Helper()
	dir, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, name)
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
