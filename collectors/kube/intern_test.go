package kube

import (
	"strconv"
	"strings"
	"testing"
	"unsafe"
)

func same(a, b string) bool { return a == b && unsafe.StringData(a) == unsafe.StringData(b) }

func TestEqualStringsShareMemory(t *testing.T) {
	var i interner
	first := i.intern(strings.Clone("web"))
	if second := i.intern(strings.Clone("web")); !same(first, second) {
		t.Error("two equal strings do not share their memory")
	}
	if other := i.intern("orders"); other != "orders" {
		t.Errorf("orders became %q", other)
	}
}

func TestInternerForgetsWhatIsNotSeenAgain(t *testing.T) {
	var i interner
	old := i.intern(strings.Clone("old"))
	kept := i.intern(strings.Clone("kept"))
	for n := range 3 * internCapacity {
		i.intern(strconv.Itoa(n))
		if n%1000 == 0 && !same(kept, i.intern(strings.Clone("kept"))) {
			t.Fatalf("a string that is seen all the time was forgotten after %d others", n)
		}
	}
	if same(old, i.intern(strings.Clone("old"))) {
		t.Error("nothing was forgotten")
	}
	if n := len(i.young) + len(i.old); n > 2*internCapacity {
		t.Errorf("%d strings are held, want at most %d", n, 2*internCapacity)
	}
}

func TestLongStringsAreNotHeld(t *testing.T) {
	var i interner
	if long := strings.Repeat("x", internMaxLength+1); i.intern(long) != long || len(i.young) != 0 {
		t.Error("a long string is held")
	}
}

func TestDecodedObjectsShareTheirLabels(t *testing.T) {
	k, _ := kindNamed("", "ServiceAccount")
	var values []string
	for range 2 {
		o, err := k.Decode([]byte(`{"metadata":{"namespace":"shop","name":"a","labels":{"app":"web"}}}`))
		if err != nil {
			t.Fatal(err)
		}
		values = append(values, o.Metadata().Labels["app"])
	}
	if !same(values[0], values[1]) {
		t.Error("the label's value is there twice")
	}
}
