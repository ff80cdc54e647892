package server

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views"
)

// Parameters of a log stream beside those of a call, which are the names
// fields have on pages, in the API and on the command line (design 4.4).
const (
	ParamLogSource   = "source"
	ParamLogService  = "service"
	ParamLogSince    = "since"
	ParamLogInclude  = "include"
	ParamLogExclude  = "exclude"
	ParamLogLevel    = "level"
	ParamLogDenied   = "denied"
	ParamLogPrevious = "previous"
	ParamLogReplay   = "replay"
	ParamLogAfter    = "after"
	ParamLogCalls    = "calls"
)

// Values of ParamLogCalls: the lines of the call that is asked for, with those
// that may be of it or are trouble for every call; or all that is followed.
const (
	LogCallsThis = "this"
	LogCallsAll  = "all"
)

const (
	// defaultSince is how far a stream looks back where nothing else is said.
	defaultSince = 10 * time.Minute
	// nobody is a caller without a ztunnel of its own (path.Request.From).
	nobody = "outside"
	// maxLogSources, maxLogServices and maxLogAfter bound what one address may
	// ask for. A service is looked up again with each new report.
	maxLogSources  = 256
	maxLogServices = 32
	maxLogAfter    = 1024
)

// LogQuery is what somebody wants to see of the logs: whose, since when, and
// which lines.
type LogQuery struct {
	// Call is the call whose proxies are followed, nil for none. Services are
	// those ("namespace/name") before whose pods all proxies are followed, whoever
	// calls. Sources are followed besides.
	Call     *path.Request
	Services []string
	Sources  []mesh.LogSource
	// Since is the oldest line wanted; Back, where it is zero, how long before
	// the moment of reading that is.
	Since time.Time
	Back  time.Duration
	// After are the IDs of the last lines somebody has, to go on from there,
	// each alone or as "<namespace>/<pod>/<container>@<ID>": the name leads on to
	// the next run of a container that was restarted.
	After []string
	// Previous asks for the run before this one, Recorded for a recording at
	// the speed it was made.
	Previous, Recorded bool
	Filter             LineFilter
}

// ParseLogQuery reads a query out of parameters. The error is a sentence for
// whoever wrote them. Whether what they name exists only a mesh can tell.
func ParseLogQuery(v url.Values) (LogQuery, error) {
	q := LogQuery{After: filled(v[ParamLogAfter]), Previous: views.SwitchedOn(v, ParamLogPrevious)}
	if len(q.After) > maxLogAfter {
		return q, fmt.Errorf("a stream goes on after at most %d lines", maxLogAfter)
	}
	for _, read := range []func(url.Values) error{q.readWhose, q.readSince, q.readReplay, q.Filter.read} {
		if err := read(v); err != nil {
			return q, err
		}
	}
	return q, nil
}

// filled are the values that say something: a form sends its empty fields too.
func filled(values []string) []string {
	return slices.DeleteFunc(slices.Clone(values), func(s string) bool { return s == "" })
}

func (q *LogQuery) readWhose(v url.Values) error {
	call := v.Get(views.ParamFrom) != "" || v.Get(views.ParamTo) != ""
	named := filled(v[ParamLogSource])
	for _, service := range filled(v[ParamLogService]) {
		if !slices.Contains(q.Services, service) {
			q.Services = append(q.Services, service)
		}
	}
	switch {
	case !call && len(named)+len(q.Services) == 0:
		return errors.New("whose logs? Name both ends of a call (from, to), a service or a source")
	case len(named) > maxLogSources:
		return fmt.Errorf("a stream has at most %d sources", maxLogSources)
	case len(q.Services) > maxLogServices:
		return fmt.Errorf("a stream has at most %d services", maxLogServices)
	}
	if call {
		request, err := views.ParsePathRequest(v)
		if err != nil {
			return err
		}
		q.Call = &request
	}
	for _, text := range named {
		source, err := mesh.ParseLogSource(text)
		if err != nil {
			return err
		}
		if !slices.Contains(q.Sources, source) {
			q.Sources = append(q.Sources, source)
		}
	}
	return nil
}

func (q *LogQuery) readSince(v url.Values) error {
	text := v.Get(ParamLogSince)
	if text == "" {
		q.Back = defaultSince
		return nil
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		q.Since = at
		return nil
	}
	back, err := time.ParseDuration(text)
	if err != nil || back < 0 {
		return fmt.Errorf("%.40q is neither a duration such as 10m nor a time such as 2026-01-31T07:45:00Z", text)
	}
	q.Back = back
	return nil
}

func (q *LogQuery) readReplay(v url.Values) error {
	switch replay := v.Get(ParamLogReplay); replay {
	case "", "instant":
	case "recorded":
		q.Recorded = true
	default:
		return fmt.Errorf("%.40q is no way to replay: write instant or recorded", replay)
	}
	return nil
}

// Whose are the sources in a mesh: the proxies on the path of the call and
// before the services as they are now, and those that were named. The error is a
// *path.BadRequestError.
func (q *LogQuery) Whose(s *mesh.Snapshot) ([]mesh.LogSource, error) {
	var calls []path.Request
	if q.Call != nil {
		calls = append(calls, *q.Call)
	}
	for _, name := range q.Services {
		toService, err := callsTo(s, name)
		if err != nil {
			return nil, err
		}
		calls = append(calls, toService...)
	}
	var out []mesh.LogSource
	add := func(source mesh.LogSource) {
		if !slices.Contains(out, source) {
			out = append(out, source)
		}
	}
	for _, call := range calls {
		involved, err := path.Involved(s, call)
		if err != nil {
			return nil, err
		}
		for _, pod := range callingGateway(s, call.From) {
			add(mesh.PodLogs(pod.Namespace, pod.Name, mesh.ProxyContainer))
		}
		for _, node := range involved.Nodes {
			add(mesh.ZtunnelLogs(node))
		}
		for _, pod := range involved.Waypoints {
			add(roleOf(s, pod))
		}
	}
	for _, source := range q.Sources {
		add(source)
	}
	return out, nil
}

// Lines tells the lines of the call that is asked for from those of others; nil
// where no call is, or where its ends are not known in a mesh.
func (q *LogQuery) Lines(s *mesh.Snapshot) *path.Lines {
	if q.Call == nil {
		return nil
	}
	lines, err := path.LinesOf(s, *q.Call)
	if err != nil {
		return nil
	}
	return lines
}

// callsTo are the calls that meet every proxy before a service: one to each
// port, from nowhere.
func callsTo(s *mesh.Snapshot, service string) ([]path.Request, error) {
	namespace, name, ok := strings.Cut(service, "/")
	if !ok {
		return nil, &path.BadRequestError{Text: fmt.Sprintf("%.80q is no service: write namespace/name.", service)}
	}
	svc := s.Service(namespace, name)
	if svc == nil {
		return nil, noService(s, namespace, name)
	}
	out := make([]path.Request, len(svc.Ports))
	for i := range svc.Ports {
		out[i] = path.Request{From: nobody, To: service + ":" + strconv.Itoa(int(svc.Ports[i].Port))}
	}
	return out, nil
}

func noService(s *mesh.Snapshot, namespace, name string) error {
	bad := &path.BadRequestError{Text: fmt.Sprintf("There is no service %s/%s.", oneLine(namespace), oneLine(name)), Unread: s.Unread(namespace, mesh.ResourceServices)}
	if bad.Unread != nil {
		bad.Text = fmt.Sprintf("Nobody knows whether there is a service %s/%s: %s.", oneLine(namespace), oneLine(name), oneLine(bad.Unread.Why()))
	}
	return bad
}

// callingGateway are the pods of the gateway that a call comes from, none for any
// other caller.
func callingGateway(s *mesh.Snapshot, from string) (out []mesh.Ref) {
	name, ok := strings.CutPrefix(from, "ingress:")
	namespace, gateway, _ := strings.Cut(name, "/")
	shard := s.Shard(namespace)
	if !ok || shard == nil {
		return nil
	}
	for _, w := range shard.Workloads {
		if w.GatewayName() == gateway && !w.Finished() {
			out = append(out, w.Ref())
		}
	}
	return out
}

// roleOf is the waypoint that a pod is a replica of, so that the stream goes on
// with the pod that replaces it.
func roleOf(s *mesh.Snapshot, pod mesh.Ref) mesh.LogSource {
	for _, w := range s.Waypoints() {
		if slices.ContainsFunc(w.Pods, func(p *mesh.Workload) bool { return p.Ref() == pod }) {
			return mesh.WaypointLogs(w.Namespace, w.Name)
		}
	}
	return mesh.PodLogs(pod.Namespace, pod.Name, mesh.ProxyContainer)
}

// Targets finds the containers that have the sources' roles in a mesh, and
// says of each source that nobody serves what is known of that. The error is a
// *path.BadRequestError.
func (q *LogQuery) Targets(s *mesh.Snapshot) (targets []mesh.LogTarget, unserved []mesh.LogState, err error) {
	sources, err := q.Whose(s)
	if err != nil {
		return nil, nil, err
	}
	for _, source := range sources {
		found := s.LogTargets(source)
		if len(found) == 0 {
			unserved = append(unserved, notServed(s, source))
		}
		for i := range found {
			found[i].Previous = q.Previous
		}
		targets = append(targets, found...)
	}
	return targets, unserved, nil
}

// notServed says of a source that nobody has its role, or that this is not
// known.
func notServed(s *mesh.Snapshot, source mesh.LogSource) mesh.LogState {
	state := mesh.LogState{From: &mesh.LogTarget{Source: source}, Phase: mesh.LogReconnecting, Detail: "Nobody serves it now; it is followed once somebody does."}
	pods := s.Sources.Kind(mesh.ResourcePods)
	switch {
	case pods.State == mesh.SourceForbidden:
		state.Phase, state.Detail = mesh.LogForbidden, "Pods are not readable, so nobody knows who serves it: "+pods.Detail
	case recorded(s):
		state.Phase, state.Detail = mesh.LogEnded, "Nobody served it when the mesh was recorded."
	case !pods.State.Readable():
		state.Detail = "Pods are not readable, so nobody knows who serves it."
	}
	return state
}

// recorded tells that a mesh is one moment that has passed.
func recorded(s *mesh.Snapshot) bool {
	return s.Cluster.Origin == mesh.OriginRecorded || s.Cluster.Origin == mesh.OriginDemo
}

// Follow is the query as a wish for a stream over a mesh; now is the present
// of a live one.
func (q *LogQuery) Follow(s *mesh.Snapshot, now time.Time) (mesh.LogFollow, []mesh.LogState, error) {
	targets, unserved, err := q.Targets(s)
	if err != nil {
		return mesh.LogFollow{}, nil, err
	}
	if recorded(s) {
		now = s.At
	}
	wish := mesh.LogFollow{Targets: targets, Since: q.Since, After: q.after(targets), Recorded: q.Recorded, Once: recorded(s) && !q.Recorded}
	if wish.Since.IsZero() {
		wish.Since = now.Add(-q.Back)
	}
	return wish, unserved, nil
}

// sentence makes an error one for people.
func sentence(err error) string {
	text := oneLine(err.Error())
	if text == "" {
		return text
	}
	return strings.TrimRight(strings.ToUpper(text[:1])+text[1:], ".") + "."
}
