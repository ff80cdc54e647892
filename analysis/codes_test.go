package analysis_test

import (
	"flag"
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/waylight/waylight/analysis"
)

// tally counts, by code, the meshes in which a check was seen to speak and
// those, as near to them as can be, in which it kept silent.
type tally struct {
	sync.Mutex
	spoke, silent map[string]int
}

var tested = tally{spoke: make(map[string]int), silent: make(map[string]int)}

func (t *tally) note(code string, spoke bool) {
	t.Lock()
	defer t.Unlock()
	if spoke {
		t.spoke[code]++
		return
	}
	t.silent[code]++
}

// untested names the checks of the catalogue that were not seen both ways.
func (t *tally) untested() []string {
	t.Lock()
	defer t.Unlock()
	var out []string
	for _, c := range analysis.Checks() {
		if t.spoke[c.Code] == 0 {
			out = append(out, c.Code+" has no test in which it speaks")
		}
		if t.silent[c.Code] == 0 {
			out = append(out, c.Code+" has no test of a near miss, in which it is silent")
		}
	}
	return out
}

// TestMain fails where a check of the catalogue is without tests, which only a
// run of the whole package can tell.
func TestMain(m *testing.M) {
	code := m.Run()
	if code == 0 && wholePackage() {
		for _, problem := range tested.untested() {
			fmt.Println(problem)
			code = 1
		}
	}
	os.Exit(code)
}

func wholePackage() bool {
	for _, name := range []string{"test.run", "test.skip", "test.list", "test.fuzz"} {
		if f := flag.Lookup(name); f != nil && f.Value.String() != "" {
			return false
		}
	}
	return true
}

func TestUntestedChecksAreNamed(t *testing.T) {
	empty := tally{spoke: make(map[string]int), silent: make(map[string]int)}
	if got := len(empty.untested()); got != 2*len(analysis.Checks()) {
		t.Errorf("%d complaints without any test, want two for each of %d checks", got, len(analysis.Checks()))
	}
	for _, c := range analysis.Checks() {
		empty.note(c.Code, true)
		empty.note(c.Code, false)
	}
	if got := empty.untested(); len(got) > 0 {
		t.Errorf("complaints where all are tested: %v", got)
	}
}
