package views

import (
	"encoding/csv"
	"io"
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// Access is an answer of the matrix: may this caller call that port, as far as
// policies go.
type Access string

// The answers.
const (
	AccessYes     Access = "yes"
	AccessNo      Access = "no"
	AccessPartly  Access = "partly"  // some pods of the service admit it
	AccessDepends Access = "depends" // on the request: method, path, token
	AccessUnknown Access = "unknown" // something was not readable
)

// AccessOf is the answer for one row of a matrix.
func AccessOf(c *path.Caller) Access {
	d, _ := c.Deciding()
	switch {
	case !c.Admitted():
		return AccessNo
	case d.Verdict == authz.Undetermined && !d.DependsOnRequest():
		return AccessUnknown
	case c.Partly:
		return AccessPartly
	case d.DependsOnRequest():
		return AccessDepends
	}
	return AccessYes
}

// AccessRow is one row of a matrix: a caller of a service, or a service that a
// workload calls.
type AccessRow struct {
	ID string
	// Kind, Namespace and Name are of the other end; Object links it.
	Kind, Namespace, Name string
	Object                ObjectLink
	Port                  uint16
	// Entry says how calls leave the caller, Pods how many pods it has.
	Entry     path.Entry
	Pods      int
	Principal string
	Access    Access
	// Word is Access in words, Tone its colour.
	Word string
	Tone ui.Tone
	// DecidedBy is the policy; zero where none applies. Rule counts from 1, 0
	// where no single one decided.
	DecidedBy ObjectLink
	Policy    mesh.Ref
	Rule      int
	Where     path.Stage
	Reason    string
	Code      CodeLink
	// Path explains such a call.
	Path templ.SafeURL
}

// AccessTab is a matrix on a page.
type AccessTab struct {
	Table   ui.Table
	Rows    []AccessRow
	Empty   EmptyList
	Notices []SourceNotice
	// Lead says what the matrix is about and what it leaves out.
	Lead             string
	CSVURL, JSONURL  templ.SafeURL
	Truncated, Total string // how many rows are left out; empty for none
}

var accessKeys = []string{"ns", "name", "entry", "may", "policy", "code"}

// fields are what the filter of a matrix looks at.
func (a *AccessRow) fields(key string) ([]string, bool) {
	switch key {
	case "":
		return []string{a.Namespace + "/" + a.Name, a.Principal, a.Reason, a.Policy.NamespacedName(), a.Word}, true
	case "ns":
		return []string{a.Namespace}, true
	case "name":
		return []string{a.Name}, true
	case "entry":
		return []string{string(a.Entry)}, true
	case "may":
		return []string{string(a.Access)}, true
	case "policy":
		return []string{orWord(a.Policy.Name, "none")}, true
	case "code":
		return []string{orWord(a.Code.Code, "none")}, true
	}
	return nil, false
}

// decide fills in what a row says about the decision.
func (a *AccessRow) decide(s *mesh.Snapshot, q Query, c *path.Caller) {
	d, stage := c.Deciding()
	a.Entry, a.Pods, a.Principal, a.Access, a.Where = c.Entry, len(c.Pods), c.Principal, AccessOf(c), stage
	a.Reason, a.Rule, a.Policy = d.Reason, d.Rule, d.Policy
	a.Word, a.Tone = accessWord(a.Access)
	if !d.Policy.IsZero() {
		a.DecidedBy = NewObjectLink(s, q, d.Policy)
	}
	if a.Access != AccessYes {
		a.Code = catalogued(d.Code, q.Links())
	}
}

func accessWord(a Access) (string, ui.Tone) {
	switch a {
	case AccessYes:
		return "may call", ui.ToneGood
	case AccessNo:
		return "refused", ui.ToneBad
	case AccessPartly:
		return "some pods only", ui.ToneWarn
	case AccessDepends:
		return "depends on the request", ui.ToneWarn
	}
	return "unknown", ui.ToneNone
}

// rule is "rule 2", or empty where no single one decided.
func (a *AccessRow) rule() string {
	if a.Rule == 0 {
		return ""
	}
	return "rule " + strconv.Itoa(a.Rule)
}

var accessOrders = map[string]func(a, b AccessRow) int{
	"ns":     By(func(a AccessRow) string { return a.Namespace }),
	"name":   By(func(a AccessRow) string { return a.Name }),
	"entry":  By(func(a AccessRow) string { return string(a.Entry) }),
	"pods":   By(func(a AccessRow) int { return a.Pods }),
	"may":    By(func(a AccessRow) string { return string(a.Access) }),
	"policy": By(func(a AccessRow) string { return a.Policy.NamespacedName() }),
}

// Callers lists who may call a port of a service: every account of the mesh in
// scope that satisfies the filter, in the order asked for. Total counts those
// in scope.
func Callers(s *mesh.Snapshot, service mesh.Ref, port uint16, q Query) (rows []AccessRow, total int) {
	to := service.NamespacedName() + ":" + strconv.Itoa(int(port))
	l := q.Links()
	all := path.Callers(s, service, port)
	rows = make([]AccessRow, 0, len(all))
	for i := range all {
		c := &all[i]
		if !q.InScope(c.Account.Namespace) {
			continue
		}
		total++
		a := AccessRow{
			ID: ui.ID(c.Account.Namespace, c.Account.Name, string(c.Entry)), Kind: "ServiceAccount", Namespace: c.Account.Namespace, Name: c.Account.Name, Port: port,
			Object: ObjectLink{Kind: "", Name: c.Account.Namespace + "/" + c.Account.Name, URL: l.Filtered(PageWorkloads, "ns:"+quoteValue(c.Account.Namespace)+" account:"+quoteValue(c.Account.Name))},
			Path:   l.Path(path.Request{From: callerName(c), To: to}),
		}
		a.decide(s, q, c)
		if q.Filter.Match(a.fields) {
			rows = append(rows, a)
		}
	}
	SortRows(rows, q.Sort, accessOrders)
	return rows, total
}

// callerName names a row so that it is asked about alone: an account stands for
// all its pods, of which some may leave in another way.
func callerName(c *path.Caller) string {
	a := c.Account
	whole := len(a.Captured)+len(a.Sidecars)+len(a.Gateways)+len(a.Outside) == len(c.Pods)
	if whole || len(c.Pods) == 0 {
		return a.Namespace + "/sa/" + a.Name
	}
	return c.Pods[0].Namespace + "/" + c.Pods[0].Name
}

// Callees lists what a workload may call, in the same way.
func Callees(s *mesh.Snapshot, w *mesh.Workload, q Query) (rows []AccessRow, total int) {
	l := q.Links()
	from := w.Ref().NamespacedName()
	for _, c := range path.Callees(s, w) {
		if !q.InScope(c.Service.Namespace) {
			continue
		}
		total++
		to := c.Service.NamespacedName() + ":" + strconv.Itoa(int(c.Port.Port))
		a := AccessRow{
			ID: ui.ID(c.Service.Kind, c.Service.Namespace, c.Service.Name, strconv.Itoa(int(c.Port.Port))), Kind: c.Service.Kind, Namespace: c.Service.Namespace, Name: c.Service.Name, Port: c.Port.Port,
			Object: ObjectLink{Kind: kindWord(c.Service), Name: to, URL: l.ServicePort(c.Service, c.Port.Port, TabCallers)},
			Path:   l.Path(path.Request{From: from, To: to}),
		}
		a.decide(s, q, &c.Caller)
		if q.Filter.Match(a.fields) {
			rows = append(rows, a)
		}
	}
	SortRows(rows, q.Sort, accessOrders)
	return rows, total
}

// WriteAccessCSV writes rows of a matrix for spreadsheets.
func WriteAccessCSV(w io.Writer, rows []AccessRow) error {
	out := csv.NewWriter(w)
	if err := out.Write([]string{"namespace", "name", "port", "entry", "pods", "principal", "may", "policy", "rule", "code", "reason"}); err != nil {
		return err
	}
	for i := range rows {
		a := &rows[i]
		record := []string{a.Namespace, a.Name, strconv.Itoa(int(a.Port)), string(a.Entry), strconv.Itoa(a.Pods), a.Principal, string(a.Access), a.Policy.String(), strconv.Itoa(a.Rule), a.Code.Code, a.Reason}
		for j := range record {
			record[j] = csvText(record[j])
		}
		if err := out.Write(record); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// accessTable stands around the rows of a matrix; address is the page's own.
func accessTable(q Query, address, noun, other string, shown, total int) ui.Table {
	l := q.Links()
	return ui.Table{
		ID: noun, Caption: other, Noun: noun, Shown: shown, Total: total, Filter: l.FilterBox(address, q, accessKeys...),
		Columns: []ui.Column{
			l.Column(address, q, "name", other, ""),
			withHint(l.Column(address, q, "entry", "Leaves through", ""), "whether its calls carry an identity, and pass a waypoint"),
			l.Column(address, q, "may", "May it?", ""),
			l.Column(address, q, "policy", "Decided by", ""),
			{Label: "Why", Class: "wide"},
			{Label: "Call"},
		},
	}
}

// bound leaves rows out beyond what a page shows, and says so.
func (t *AccessTab) bound() {
	if len(t.Rows) > DumpRowLimit {
		t.Truncated, t.Total = number(DumpRowLimit), number(len(t.Rows))
		t.Rows = t.Rows[:DumpRowLimit]
	}
}

// newCallersTab is "who may call this service".
func newCallersTab(s *mesh.Snapshot, q Query, service mesh.Ref, port uint16) AccessTab {
	rows, total := Callers(s, service, port, q)
	address := servicePath(service, TabCallers)
	t := AccessTab{
		Rows: rows, Table: accessTable(q, address, "callers", "Caller", len(rows), total),
		Notices: sourceNotices(s, mesh.ResourcePods, mesh.ResourceAuthorizationPolicies, mesh.ResourcePeerAuthentications),
		Lead:    "Every account of the mesh, by policies as they are declared; whether anything answers is another question.",
		CSVURL:  exportOf("/api/v1"+address, q, "csv"), JSONURL: exportOf("/api/v1"+address, q, ""),
		Empty: EmptyList{"Nobody is there to call it", "No account in scope has a running pod."},
	}
	if total > 0 {
		t.Empty = EmptyList{"No caller matches the filter", "Clear it to see all " + number(total) + "."}
	}
	t.bound()
	return t
}

// CalleesModel is the page of what a workload may call.
type CalleesModel struct {
	Crumb, Name string
	URL         templ.SafeURL // of the workload
	Matrix      AccessTab
}

// NewCallees builds that page, and false if the snapshot holds no such
// workload. It follows every service of the mesh, and so stands on no page that
// is read for other reasons.
func NewCallees(r *analysis.Report, namespace, name string, q Query) (CalleesModel, bool) {
	w := findWorkload(r.Snap, namespace, name, q.Kind)
	if w == nil {
		return CalleesModel{}, false
	}
	return CalleesModel{
		Crumb: namespace + " / workloads", Name: name, URL: q.Links().Workload(namespace, name), Matrix: newCalleesTab(r.Snap, q, w),
	}, true
}

// Callees is the page of what a workload may call.
func (l Links) Callees(namespace, name string) templ.SafeURL {
	return l.to(nil, string(PageWorkloads), namespace, name, "callees")
}

// newCalleesTab is "what may this workload call".
func newCalleesTab(s *mesh.Snapshot, q Query, w *mesh.Workload) AccessTab {
	rows, total := Callees(s, w, q)
	address := string(Links{}.Callees(w.Namespace, w.Name))
	t := AccessTab{
		Rows: rows, Table: accessTable(q, address, "callees", "Service", len(rows), total),
		Notices: sourceNotices(s, mesh.ResourceServices, mesh.ResourceAuthorizationPolicies, mesh.ResourcePeerAuthentications),
		Lead:    "Every port of every service, by policies as they are declared; whether anything answers is another question.",
		CSVURL:  exportOf("/api/v1"+address, q, "csv"), JSONURL: exportOf("/api/v1"+address, q, ""),
		Empty: EmptyList{"Nothing to call", "No service in scope has a port."},
	}
	if total > 0 {
		t.Empty = EmptyList{"No service matches the filter", "Clear it to see all " + number(total) + "."}
	}
	t.bound()
	return t
}

// servicePath is the path of a tab of a service's page.
func servicePath(service mesh.Ref, tab string) string {
	return string(Links{}.ServicePort(mesh.Ref{Kind: "Service", Namespace: service.Namespace, Name: service.Name}, 0, tab))
}

func exportOf(address string, q Query, format string) templ.SafeURL {
	v := q.params()
	if format != "" {
		v.Set("format", format)
	}
	return withQuery(address, v)
}

// MatrixPort is the port a matrix is about: the one asked for, else the first
// of the service; false where it has no such port.
func MatrixPort(s *mesh.Snapshot, service mesh.Ref, asked uint16) (uint16, bool) {
	ports := portsOf(s.Lookup(service))
	i := slices.IndexFunc(ports, func(p mesh.ServicePort) bool { return p.Protocol != "UDP" && (asked == 0 || p.Port == asked) })
	if i < 0 {
		return asked, false
	}
	return ports[i].Port, true
}

// entryWord says how calls leave a caller.
func entryWord(e path.Entry) string {
	if e == path.EntryNone {
		return "nothing: in plaintext"
	}
	return string(e)
}
