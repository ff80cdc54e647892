package mesh

import "time"

// Object is anything a snapshot holds under a reference.
type Object interface {
	Ref() Ref
	Metadata() *Meta
}

// Meta is what Waylight keeps of an object's metadata.
type Meta struct {
	Kind, Namespace, Name string
	UID                   string
	// Labels and Annotations hold every label, and the annotations Waylight
	// has a use for (those of Istio, ambient and the Gateway API; never
	// last-applied-configuration).
	Labels      map[string]string
	Annotations map[string]string
	Created     time.Time
	// Deleting is when deletion was asked for; zero while the object stays.
	Deleting   time.Time
	Generation int64
	// Owner is the controlling owner, zero if there is none.
	Owner Ref
	// SpecChange is the newest managedFields entry that is not about status,
	// StatusChange the newest that is. Zero times where nothing was recorded.
	SpecChange, StatusChange Change
}

// Change says who wrote an object last and when, from managedFields.
type Change struct {
	Manager string
	Time    time.Time
}

// Ref names the object.
func (m *Meta) Ref() Ref { return Ref{Kind: m.Kind, Namespace: m.Namespace, Name: m.Name} }

// Metadata gives access to what all objects share.
func (m *Meta) Metadata() *Meta { return m }

// ChangedAt is the newest sign of a change of the object's own content: the
// newest spec write, else its creation.
func (m *Meta) ChangedAt() time.Time {
	if m.SpecChange.Time.After(m.Created) {
		return m.SpecChange.Time
	}
	return m.Created
}
