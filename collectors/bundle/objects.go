package bundle

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/waylight/waylight/collectors/kube"
	"github.com/waylight/waylight/mesh"
)

// reading is what became of the files under objects/.
type reading struct {
	objects []mesh.Object
	// unread are the resources of which objects could not be decoded, broken
	// those whose file could not be read to its end.
	unread map[string]*tally
	broken map[string]string
	// lost are reasons that concern kinds nobody can name: any of them may be
	// incomplete.
	lost []string
}

// tally counts objects that could not be decoded and keeps the first reason.
type tally struct {
	count int
	first error
}

func (t *tally) String() string {
	if t.count == 1 {
		return fmt.Sprintf("One object could not be read: %v.", t.first)
	}
	return fmt.Sprintf("%d objects could not be read, the first because: %v.", t.count, t.first)
}

func (b *Bundle) readObjects(ctx context.Context) *reading {
	r := &reading{unread: make(map[string]*tally), broken: make(map[string]string)}
	for _, f := range b.files {
		if ctx.Err() == nil && holdsObjects(f) {
			r.readFile(ctx, f)
		}
	}
	return r
}

func holdsObjects(f File) bool {
	return f.Source == mesh.KubernetesSource && slices.Contains([]string{".json", ".yaml", ".yml"}, path.Ext(f.Path))
}

// errEmptyFile is about a file that was created and never written: no objects
// of a kind are written as an empty list.
var errEmptyFile = errors.New("it is empty")

// readFile reads one file of objects. Its name is only a hint at what it
// should hold, for when that cannot be read.
func (r *reading) readFile(ctx context.Context, f File) {
	hint := resourceNamed(f.Path)
	found := make(map[string]bool)
	if f.Size == 0 {
		r.breakOff(f.Path, hint, found, errEmptyFile)
		return
	}
	err := decode(ctx, f, func(d kube.Document) {
		found[d.Resource] = true
		switch {
		case d.Err != nil:
			r.count(firstNonEmpty(d.Resource, hint), f.Path, d.Err)
		case d.Object != nil:
			r.objects = append(r.objects, d.Object)
		}
	})
	if err != nil {
		r.breakOff(f.Path, hint, found, err)
	}
}

func decode(ctx context.Context, f File, yield func(kube.Document)) error {
	content, err := f.Open()
	if err != nil {
		return err
	}
	defer content.Close()
	return kube.ReadDocuments(&interruptible{ctx, content}, yield)
}

// interruptible ends with its context: a file can be long, and hostile.
type interruptible struct {
	ctx context.Context
	r   io.Reader
}

func (i *interruptible) Read(p []byte) (int, error) {
	if err := i.ctx.Err(); err != nil {
		return 0, err
	}
	return i.r.Read(p)
}

func firstNonEmpty(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// count notes an object that could not be decoded.
func (r *reading) count(resource, file string, err error) {
	if resource == "" {
		r.lost = append(r.lost, fmt.Sprintf("%s: %v.", file, err))
		return
	}
	if r.unread[resource] == nil {
		r.unread[resource] = &tally{first: err}
	}
	r.unread[resource].count++
}

// breakOff notes that a file could not be read to its end. What came before
// counts; what kinds the rest held only the name can tell, and the objects
// before.
func (r *reading) breakOff(file, hint string, found map[string]bool, err error) {
	reason := fmt.Sprintf("%s could not be read: %v.", file, err)
	if hint == "" {
		r.lost = append(r.lost, reason)
	} else {
		found[hint] = true
	}
	for resource := range found {
		if resource != "" {
			r.broken[resource] = reason
		}
	}
}

// resourceNamed finds the kind a file is named after: pods.json,
// daemonsets.apps.json or, where only one kind is called so,
// horizontalpodautoscalers.json. Empty if there is none.
func resourceNamed(file string) string {
	name := strings.TrimSuffix(path.Base(file), path.Ext(file))
	plural := ""
	for _, k := range kube.Kinds() {
		switch {
		case k.Resource == name:
			return name
		case k.Plural == name && plural != "":
			return "" // several kinds have this plural
		case k.Plural == name:
			plural = k.Resource
		}
	}
	return plural
}
