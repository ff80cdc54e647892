package views

import (
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// Headers of a fragment's answer, on 304 too. They carry what changes with
// every snapshot and so must stay out of the hashed body.
const (
	HeaderAsOf     = "Waylight-As-Of"    // RFC3339, see Frame.AsOf
	HeaderRevision = "Waylight-Revision" // decimal, see Frame.Revision
)

// ThemeCookie remembers light or dark; it is absent for "as the system". The
// browser's script writes it and the server prints Frame.Theme from it, so that
// no page flashes in the wrong colours.
const ThemeCookie = "waylight_theme"

// Theme is "light", "dark" or empty for the system's own.
type Theme string

// ParseTheme reads the cookie's value; anything odd is the system's theme.
func ParseTheme(s string) Theme {
	if s == "light" || s == "dark" {
		return Theme(s)
	}
	return ""
}

// Frame is everything around a page. NewFrame fills what follows from the
// report; the fields marked "caller" are known to the server only.
type Frame struct {
	Title   string // of the page; " · Waylight" is added
	Active  Page   // whose menu entry is marked; empty for none
	Path    string // caller: the path asked for, escaped, without parameters
	Query   Query
	Theme   Theme  // caller
	Version string // caller: Waylight's own
	// Now is the wall clock (caller; NewFrame sets the report's time).
	Now time.Time
	// AsOf is the last moment at which the main source was known to be
	// current; zero if it never was. For a recording: the recorded moment.
	AsOf     time.Time
	Revision uint64
	Cluster  mesh.ClusterInfo
	// Sources are the newest states known (caller, where newer than the
	// report's: use WithSources).
	Sources mesh.Sources
	// Demos are the recordings offered by the demo; caller, nil elsewhere.
	Demos []Demo
	// Still keeps a page from asking for updates: it shows a fixture.
	Still      bool
	Namespaces []string
	Counts     Counts
	heldBack   []analysis.HeldBack
}

// Demo is one recording the demo can show. ?demo=<Name> chooses it.
type Demo struct {
	Name    string
	Current bool
}

// NewFrame makes the frame of a page of this report.
func NewFrame(r *analysis.Report, q Query, active Page, title string) Frame {
	f := Frame{
		Title: title, Active: active, Path: string(active), Query: q,
		Now: r.At, Revision: r.Snap.Revision, Cluster: r.Snap.Cluster,
		Namespaces: r.Snap.Namespaces(), heldBack: r.HeldBack,
	}
	f.Counts = count(r, q)
	return f.WithSources(r.Snap.Sources)
}

// WithSources replaces the states of the sources, and what follows from them.
func (f Frame) WithSources(s mesh.Sources) Frame {
	f.Sources = s
	f.AsOf = time.Time{}
	if k, ok := s.Find(mesh.KubernetesSource); ok {
		f.AsOf = k.AsOf
	}
	if !f.Live() {
		f.AsOf = f.Now
	}
	f.Counts.Degraded = len(f.degraded())
	return f
}

// Live tells that the mesh is watched, so that the page renews itself.
func (f Frame) Live() bool { return f.Cluster.Origin == mesh.OriginLive || f.Cluster.Origin == "" }

// streams tells that the browser may ask for updates.
func (f Frame) streams() bool { return f.Live() && !f.Still }

// Clock is what relative times are counted from: the wall clock when live, the
// recorded moment otherwise.
func (f Frame) Clock() ui.Clock {
	if !f.Live() {
		return ui.Clock{Now: f.AsOf}
	}
	return ui.Clock{Now: f.Now}
}

// demoName is the recording shown, which a copied link must name; empty outside
// the demo.
func (f Frame) demoName() string {
	for _, d := range f.Demos {
		if d.Current {
			return d.Name
		}
	}
	return ""
}

// cluster is what the top bar calls the mesh.
func (f Frame) cluster() string {
	if f.Cluster.Name == "" {
		return "unnamed cluster"
	}
	return f.Cluster.Name
}

// versions is the title of the cluster's name.
func (f Frame) versions() string {
	var parts []string
	if v := f.Cluster.IstioVersion; v != "" {
		parts = append(parts, "Istio "+v)
	}
	if v := f.Cluster.KubernetesVersion; v != "" {
		parts = append(parts, "Kubernetes "+v)
	}
	return strings.Join(parts, ", ")
}

// shared says how long ago a shared link was made; empty if it was not shared.
func (f Frame) shared() string {
	if f.Query.At.IsZero() {
		return ""
	}
	return ui.Duration(f.Now.Sub(f.Query.At))
}

// demoURL is the present page in another demo.
func (f Frame) demoURL(name string) templ.SafeURL {
	v := f.Query.params()
	v.Set("demo", name)
	return withQuery(f.here(), v)
}

// self is the present page with all its parameters but at=.
func (f Frame) self() templ.SafeURL { return withQuery(f.here(), f.Query.params()) }

// keepForScope are the parameters that stay when another namespace is chosen.
func (f Frame) keepForScope() []ui.Param {
	v := f.Query.params()
	v.Del(paramNamespace)
	return params(v)
}

// unknownScope tells that the scope names a namespace nobody has heard of.
func (f Frame) unknownScope() bool {
	return f.Query.Namespace != "" && !slices.Contains(f.Namespaces, f.Query.Namespace)
}

// here is Path as it may stand in an address: one that begins with two slashes
// would lead to another host.
func (f Frame) here() string {
	if !strings.HasPrefix(f.Path, "/") || strings.HasPrefix(f.Path, "//") {
		return "/"
	}
	return f.Path
}
