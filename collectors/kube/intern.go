package kube

import "sync"

// internCapacity is the number of strings one generation of an interner holds.
// A mesh of 20,000 pods has some 20,000 different label values, images and
// names that repeat, so that one generation takes them all.
const internCapacity = 1 << 16

// internMaxLength is the longest string worth remembering: what repeats in a
// cluster (labels, images, names, reasons) is short.
const internMaxLength = 256

// interner lets equal strings share their memory. Decoders make a new string
// of every value, and a mesh repeats few values very often.
//
// It forgets: when a generation is full the one before is dropped, so that
// values that come and go (template hashes, names of jobs) cannot fill the
// memory. The standard library's unique package forgets at every garbage
// collection, which is too soon to share anything between objects that arrive
// one by one.
type interner struct {
	mu         sync.Mutex
	young, old map[string]string
}

// intern returns a string equal to s, the same one for equal arguments while
// it is remembered.
func (i *interner) intern(s string) string {
	if s == "" || len(s) > internMaxLength {
		return s
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if known, ok := i.young[s]; ok {
		return known
	}
	if known, ok := i.old[s]; ok {
		s = known
	}
	if i.young == nil || len(i.young) >= internCapacity {
		i.old, i.young = i.young, make(map[string]string)
	}
	i.young[s] = s
	return s
}

// shared is the interner of all conversions.
var shared interner

// share interns any kind of string: Kubernetes gives most of its own types.
func share[S ~string](s S) string { return shared.intern(string(s)) }

// shareAll interns every string of a list; nil stays nil.
func shareAll[S ~string](list []S) []string {
	if list == nil {
		return nil
	}
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = share(s)
	}
	return out
}

// shareMap interns keys and values; an empty map becomes nil.
func shareMap[K, V ~string](m map[K]V) map[string]string {
	if len(m) == 0 {
		return nil
	}
	out := make(map[string]string, len(m))
	for k, v := range m {
		out[share(k)] = share(v)
	}
	return out
}
