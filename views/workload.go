package views

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// WorkloadModel is one pod or WorkloadEntry.
type WorkloadModel struct {
	Kind, Namespace, Name string
	Crumb                 string
	Tags                  []HeadTag
	Trouble               string
	Enrolment             []EnrolmentFact
	// Exempt says why the pod is never captured; empty for one that can be.
	Exempt string
	Owner  ObjectLink
	Node   ObjectLink
	// ZtunnelURL is the workload as the ztunnel of its node has it; empty
	// without a node.
	ZtunnelURL templ.SafeURL
	Identity   string
	Started    time.Time
	Containers []ContainerRow
	Labels     []LabelRow
	Waypoint   WaypointPanel
	Policies   PodPolicies
	// CalleesURL lists what it may call; empty for what makes no calls.
	CalleesURL templ.SafeURL
	Services   []ObjectLink
	NoServices string // why that list is not known; empty where it is
	Conditions []ui.Condition
	Events     []EventRow
	Findings   []FindingCard
}

// HeadTag is a short fact beside a title; URL may be empty.
type HeadTag struct {
	Text, Title string
	Tone        ui.Tone
	URL         templ.SafeURL
}

// EventRow is a Warning event of the last hour.
type EventRow struct {
	Reason, Message string
	Times           string // "12 times"
	Last            time.Time
}

// NewWorkload builds the page of a pod or WorkloadEntry, and false if the
// snapshot holds none of that name.
func NewWorkload(r *analysis.Report, namespace, name string, q Query) (WorkloadModel, bool) {
	w := findWorkload(r.Snap, namespace, name, q.Kind)
	if w == nil {
		return WorkloadModel{}, false
	}
	s, e := r.Snap, r.Snap.Enrolment(w)
	m := WorkloadModel{
		Kind: w.Kind, Namespace: namespace, Name: name, Crumb: namespace + " / workloads",
		Tags: podTags(w), Trouble: podTrouble(w), Enrolment: enrolmentFacts(s, q, w, e), Exempt: exemptionWords(e.Exempt),
		Owner: NewObjectLink(s, q, s.ControllerOf(w)), Identity: "spiffe://" + w.Principal(s.TrustDomain()), Started: w.Started,
		Containers: containerRows(w), Labels: telling(w), Waypoint: newWaypointPanel(s, q, w.Namespace, s.WorkloadBinding(w)),
		Policies: podPolicies(s, q, w, e), Conditions: podConditions(w), Events: eventRows(s, w.Ref()), Findings: findingCards(r, q, w.Ref(), s.ControllerOf(w)),
	}
	if w.Node != "" {
		m.Node = ObjectLink{Kind: "Node", Name: w.Node, URL: q.Links().Node(w.Node)}
		m.ZtunnelURL = q.Links().Ztunnel(w.Node, TabWorkloads, exactly("ns", namespace)+" "+exactly("name", name))
	}
	m.Services, m.NoServices = sendingServices(s, q, w)
	if w.Kind == "Pod" && !w.Finished() {
		m.CalleesURL = q.Links().Callees(namespace, name)
	}
	if w.Kind == "Pod" {
		m.Tags = append(m.Tags, logsTag(q.Links(), podLogs(w), "of its containers and the ztunnel of its node"))
	}
	return m, true
}

// findWorkload prefers the kind that is asked for: a pod and a WorkloadEntry
// may share a name.
func findWorkload(s *mesh.Snapshot, namespace, name, kind string) *mesh.Workload {
	for _, w := range s.Shard(namespace).Workloads {
		if w.Name == name && kind != "" && w.Kind == kind {
			return w
		}
	}
	return s.Workload(namespace, name)
}

func podTags(w *mesh.Workload) []HeadTag {
	var tags []HeadTag
	add := func(text, title string, tone ui.Tone) {
		if text != "" {
			tags = append(tags, HeadTag{Text: text, Title: title, Tone: tone})
		}
	}
	switch {
	case !w.Deleting.IsZero():
		add("terminating", "deletion was asked for", ui.ToneWarn)
	case w.Kind == "Pod" && w.Phase == "Running" && w.Ready:
		add("ready", "", ui.ToneGood)
	case w.Kind == "Pod":
		add(orWord(podTrouble(w), strings.ToLower(w.Phase)), "", ui.ToneWarn)
	}
	add(strings.Join(w.IPs, ", "), "addresses", ui.ToneNone)
	if w.Kind == "Pod" {
		add("version "+w.CanonicalRevision(), "the canonical revision, as in Istio's metrics", ui.ToneNone)
	}
	return tags
}

// EnrolmentFact is one of the four facts that are often taken for one.
type EnrolmentFact struct {
	Name, Question string
	Fact           mesh.Fact
	// Because is what the answer rests on.
	Because string
	By      ObjectLink
}

func enrolmentFacts(s *mesh.Snapshot, q Query, w *mesh.Workload, e mesh.Enrolment) []EnrolmentFact {
	asked := EnrolmentFact{Name: "Asked for", Question: "do labels select it, by istio-cni's own selector?", Fact: e.AskedFor}
	switch e.AskedFor {
	case mesh.FactYes:
		asked.Because, asked.By = "by the labels of", NewObjectLink(s, q, e.AskedBy)
	case mesh.FactUnknown:
		asked.Because = "The labels of namespace " + w.Namespace + " are not known."
	default:
		asked.Because = "Neither its labels nor those of its namespace match."
	}
	return []EnrolmentFact{
		asked,
		{Name: "Claimed", Question: "did istio-cni write that it redirects it?", Fact: e.Claimed, Because: claimWords(w)},
		{Name: "Seen", Question: "does the node's ztunnel have it?", Fact: e.Seen, Because: seenWords(s, w, e.Seen)},
		{Name: "Proven", Question: "was a connection of it counted or logged?", Fact: e.Proven, Because: provenWords(e.Proven)},
	}
}

// seenWords says which dump tells whether ztunnel has the pod.
func seenWords(s *mesh.Snapshot, w *mesh.Workload, f mesh.Fact) string {
	e := s.ZtunnelEvidence(w.Node)
	switch {
	case f == mesh.FactUnknown && w.Node == "":
		return "It is on no node."
	case f == mesh.FactUnknown || e == nil:
		return "The dump of the ztunnel on " + w.Node + " was not read."
	case f == mesh.FactNo:
		return "The dump of the ztunnel on " + w.Node + " does not have it."
	}
	return "The dump of the ztunnel on " + w.Node + " has it in state " + orWord(e.Local[w.UID], "unknown") + "."
}

func provenWords(f mesh.Fact) string {
	if f == mesh.FactUnknown {
		return "No counter or log of it was read."
	}
	return ""
}

// claimWords quotes the annotation. It is a claim: it outlives a reboot, the
// rules do not.
func claimWords(w *mesh.Workload) string {
	v, ok := w.Annotations[mesh.AnnotationRedirection]
	if !ok {
		return "There is no annotation " + mesh.AnnotationRedirection + "."
	}
	return fmt.Sprintf("The annotation %s is %q.", mesh.AnnotationRedirection, v)
}

// sendingServices are the Services and ServiceEntries that list or select it.
func sendingServices(s *mesh.Snapshot, q Query, w *mesh.Workload) (list []ObjectLink, unknown string) {
	unknown = unreadable(s, mesh.ResourceEndpointSlices, w.Namespace)
	sh := s.Shard(w.Namespace)
	var refs []mesh.Ref
	for _, slice := range sh.EndpointSlices {
		if slices.ContainsFunc(slice.Endpoints, func(e mesh.Endpoint) bool { return e.Target == w.Ref() }) {
			refs = append(refs, mesh.Ref{Kind: "Service", Namespace: w.Namespace, Name: slice.Service})
		}
	}
	for _, se := range sh.ServiceEntries {
		if se.WorkloadSelector != nil && se.WorkloadSelector.Matches(w.Labels) {
			refs = append(refs, se.Ref())
		}
	}
	slices.SortFunc(refs, mesh.Ref.Compare)
	for _, r := range slices.Compact(refs) {
		list = append(list, NewObjectLink(s, q, r))
	}
	return list, unknown
}

func eventRows(s *mesh.Snapshot, about mesh.Ref) []EventRow {
	var out []EventRow
	for _, e := range s.Shard(about.Namespace).Events {
		if e.About == about {
			out = append(out, EventRow{Reason: e.Reason, Message: e.Message, Times: plural(int(max(1, e.Count)), "time"), Last: e.Last})
		}
	}
	slices.SortStableFunc(out, func(a, b EventRow) int { return b.Last.Compare(a.Last) })
	return out
}

// findingCards are the findings about any of these objects, each once, in the
// report's order.
func findingCards(r *analysis.Report, q Query, refs ...mesh.Ref) []FindingCard {
	var out []FindingCard
	seen := make(map[analysis.Cause]bool)
	for _, ref := range refs {
		list := r.About(ref)
		for i := range list {
			if !seen[list[i].Key()] {
				seen[list[i].Key()] = true
				out = append(out, NewFindingCard(r, q, &list[i]))
			}
		}
	}
	slices.SortStableFunc(out, func(a, b FindingCard) int { return a.Severity.Rank() - b.Severity.Rank() })
	return out
}

// PodPolicies is what stands before a pod at its ztunnel.
type PodPolicies struct {
	// Unknown says why that is not known, None why there is nothing to say.
	Unknown, None string
	Mode          string // the mTLS mode in words
	ModeBy        ObjectLink
	DefaultDeny   bool
	Rows          []PolicyEffect
}

// PolicyEffect is one policy where it is enforced.
type PolicyEffect struct {
	Policy ObjectLink
	Action string
	Effect string
	// Idle says why it does nothing here; empty where it is enforced.
	Idle string
}

func podPolicies(s *mesh.Snapshot, q Query, w *mesh.Workload, e mesh.Enrolment) PodPolicies {
	if e.Claimed != mesh.FactYes {
		return PodPolicies{None: "It is not captured, so no ztunnel stands before it and none of these policies is enforced."}
	}
	hop := authz.AtZtunnel(s, w)
	p := PodPolicies{Mode: modeWords(hop.Mode), DefaultDeny: hop.DefaultDeny()}
	if len(hop.Unread) > 0 || len(hop.Mode.Unread) > 0 {
		p.Unknown = "Not all policies could be read: " + strings.Join(append(slices.Clone(hop.Unread), hop.Mode.Unread...), ", ") + "."
	}
	if !hop.Mode.By.IsZero() {
		p.ModeBy = NewObjectLink(s, q, hop.Mode.By)
	}
	for _, a := range hop.Attached {
		p.Rows = append(p.Rows, PolicyEffect{Policy: NewObjectLink(s, q, a.Policy.Ref()), Action: orWord(a.Policy.Action, authz.ActionAllow), Effect: hop.Effect(a), Idle: a.Idle})
	}
	return p
}

// modeWords names the mTLS mode of a pod and says what it does.
func modeWords(m authz.PeerMode) string {
	if m.Strict {
		return authz.ModeStrict + ": " + m.Effect()
	}
	return authz.ModePermissive + ": " + m.Effect()
}
