package kube

import (
	"fmt"
	"hash/maphash"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/waylight/waylight/mesh"
)

// arrival is an object on its way from the Reflector to the sink.
type arrival struct {
	ref     mesh.Ref
	version uint64 // hash of the resource version
	// unchanged tells that the sink has this version, so that nothing was
	// converted.
	unchanged bool
	object    mesh.Object // nil if it is not kept or could not be read
	err       error
}

// seed makes hashes of resource versions. Equal hashes of different versions
// would hide a change, which at 64 bits does not happen.
var seed = maphash.MakeSeed()

// GetObjectKind implements runtime.Object, as which pages of a list travel.
func (a *arrival) GetObjectKind() schema.ObjectKind { return schema.EmptyObjectKind }

// DeepCopyObject implements runtime.Object. Arrivals are not changed.
func (a *arrival) DeepCopyObject() runtime.Object { return a }

// arrivalList is one page of a list, converted.
type arrivalList struct {
	metav1.TypeMeta
	metav1.ListMeta

	Items []runtime.Object // each an *arrival
}

// DeepCopyObject implements runtime.Object, as that of arrival does.
func (l *arrivalList) DeepCopyObject() runtime.Object { return l }

// arrivePage converts a page of a list. A Reflector holds all pages until the
// last one is there, which of Kubernetes' own objects would take several times
// the memory of everything else.
func (s *store) arrivePage(page runtime.Object) (*arrivalList, error) {
	list, err := meta.ListAccessor(page)
	if err != nil {
		return nil, fmt.Errorf("the list of %s cannot be read: %w", s.kind.Resource, err)
	}
	out := &arrivalList{}
	out.ResourceVersion, out.Continue = list.GetResourceVersion(), list.GetContinue()
	err = meta.EachListItem(page, func(o runtime.Object) error {
		out.Items = append(out.Items, s.arrive(o))
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("the list of %s cannot be read: %w", s.kind.Resource, err)
	}
	return out, nil
}
