package kube

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	utiljson "k8s.io/apimachinery/pkg/util/json"

	"github.com/waylight/waylight/mesh"
)

// object is a pointer to a Go type that one kind's JSON decodes into.
type object[T any] interface {
	*T
	metav1.Object
}

// builtin is a kind of the API server itself, with a generated type.
func builtin[T any, P interface {
	object[T]
	runtime.Object
}](resource, kind, version string, convert func(P, *checker) mesh.Object) Kind {
	k := jsonOnly[T, P](resource, kind, convert, version)
	k.New = func() runtime.Object { return P(new(T)) }
	k.Convert = func(o runtime.Object) (mesh.Object, error) {
		typed, ok := o.(P)
		if !ok {
			return nil, fmt.Errorf("a %s was decoded as %T", kind, o)
		}
		return checked(k.Kind, typed, convert)
	}
	return k
}

// custom is a kind defined by a CRD. Its API speaks JSON only.
func custom[T any, P object[T]](resource, kind string, convert func(P, *checker) mesh.Object, versions ...string) Kind {
	k := jsonOnly[T, P](resource, kind, convert, versions...)
	k.CRD = true
	return k
}

func jsonOnly[T any, P object[T]](resource, kind string, convert func(P, *checker) mesh.Object, versions ...string) Kind {
	plural, group, _ := strings.Cut(resource, ".")
	k := Kind{Resource: resource, Kind: kind, Group: group, Plural: plural, Versions: versions, Namespaced: true}
	k.decode = func(raw []byte) (mesh.Object, error) {
		o := P(new(T))
		if err := utiljson.Unmarshal(raw, o); err != nil {
			return nil, fmt.Errorf("%s: %w", subjectIn(kind, raw), inPlainWords(err))
		}
		return checked(kind, o, convert)
	}
	return k
}

func (k Kind) clusterScoped() Kind {
	k.Namespaced = false
	return k
}

func (k Kind) selecting(fields string) Kind {
	k.FieldSelector = fields
	return k
}

// maxName is the length Kubernetes allows a name.
const maxName = 253

// checked converts one object and names it in the error.
func checked[P metav1.Object](kind string, o P, convert func(P, *checker) mesh.Object) (mesh.Object, error) {
	var c checker
	switch name := o.GetName(); {
	case name == "":
		c.fail("is missing", "metadata.name")
	case len(name) > maxName || len(o.GetNamespace()) > maxName:
		c.fail("is longer than a name can be", "metadata.name")
	}
	out := convert(o, &c)
	if c.err != nil {
		return nil, fmt.Errorf("%s: %w", subject(kind, o.GetNamespace(), o.GetName()), c.err)
	}
	return out, nil
}

// subject names an object in an error.
func subject(kind, namespace, name string) string {
	return bounded(mesh.Ref{Kind: kind, Namespace: namespace, Name: name}.String(), 2*maxName)
}

// subjectIn reads no more than the name out of an object that cannot be read
// as what it should be.
func subjectIn(kind string, raw []byte) string {
	var o struct {
		Metadata struct{ Namespace, Name string } `json:"metadata"`
	}
	if json.Unmarshal(raw, &o) != nil || o.Metadata.Name == "" {
		return kind + " without a readable name"
	}
	return subject(kind, o.Metadata.Namespace, o.Metadata.Name)
}

// inPlainWords says which field is wrong instead of which Go type.
func inPlainWords(err error) error {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && wrong.Field != "" {
		return fmt.Errorf("%s is a %s, which does not belong there", wrong.Field, wrong.Value)
	}
	return err
}
