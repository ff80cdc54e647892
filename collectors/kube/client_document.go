package kube

import (
	"encoding/json"
	"fmt"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
)

// document is an object of a kind that comes as JSON, still as it was written.
// Only what a Reflector needs of its metadata is decoded on the way in: a CRD's
// schema may be loose or changed, and one object that is not what its type says
// must neither end a watch nor hide the others.
type document struct {
	metav1.TypeMeta
	metav1.ObjectMeta

	raw []byte
}

// UnmarshalJSON keeps the text.
func (d *document) UnmarshalJSON(text []byte) error {
	var head struct {
		metav1.TypeMeta
		Metadata struct {
			Namespace, Name, ResourceVersion string
			Annotations                      map[string]string // say where the initial events end
		}
	}
	if err := json.Unmarshal(text, &head); err != nil {
		return fmt.Errorf("metadata: %w", err)
	}
	d.TypeMeta = head.TypeMeta
	d.Namespace, d.Name = head.Metadata.Namespace, head.Metadata.Name
	d.ResourceVersion, d.Annotations = head.Metadata.ResourceVersion, head.Metadata.Annotations
	d.raw = slices.Clone(text)
	return nil
}

// DeepCopyObject implements runtime.Object. Documents are never changed, so
// that copies may share what they point to.
func (d *document) DeepCopyObject() runtime.Object {
	shallow := *d
	return &shallow
}

// documentList is a list of documents.
type documentList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata"`

	Items []document `json:"items"`
}

// DeepCopyObject implements runtime.Object, as that of document does.
func (l *documentList) DeepCopyObject() runtime.Object {
	shallow := *l
	return &shallow
}

// documentCodecs decode every kind that has no generated type into documents.
var documentCodecs = serializer.NewCodecFactory(documentScheme()).WithoutConversion()

func documentScheme() *runtime.Scheme {
	s := runtime.NewScheme()
	metav1.AddToGroupVersion(s, schema.GroupVersion{Version: "v1"}) // Status
	for _, k := range kinds {
		if k.New != nil {
			continue
		}
		for _, v := range k.Versions {
			gv := schema.GroupVersion{Group: k.Group, Version: v}
			s.AddKnownTypeWithName(gv.WithKind(k.Kind), &document{})
			s.AddKnownTypeWithName(gv.WithKind(k.Kind+"List"), &documentList{})
			metav1.AddToGroupVersion(s, gv)
		}
	}
	return s
}
