package server

import (
	"net/http"
	"strings"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/analysis/traffic"
	"github.com/waylight/waylight/mesh"
)

// apiRates is what was counted of a service over the last window. What is null
// is unknown, which is not zero; with zero requests there are no shares.
type apiRates struct {
	apiRef
	// At is the end of the window, Window its length as Go writes it, From who
	// counted: prometheus or scrapes; all empty where nobody has.
	At     string             `json:"at"`
	Window string             `json:"window"`
	From   mesh.TrafficSource `json:"from"`
	// Requests are those that waypoints counted, in all and by version.
	Requests    *apiRequests    `json:"requests"`
	Versions    []apiRequests   `json:"versions"`
	Callers     []apiRequests   `json:"callers"`
	Split       apiSplit        `json:"split"`
	Connections *apiConnections `json:"connections"`
	// Gaps are proxies of the service whose counters are missing above.
	Gaps     []apiGap   `json:"gaps"`
	Warnings []string   `json:"warnings"`
	Queries  []apiQuery `json:"queries"`
}

// apiRequests are requests with something in common.
type apiRequests struct {
	Name       string   `json:"name"`
	Count      float64  `json:"count"`
	PerSecond  float64  `json:"perSecond"`
	ErrorShare *float64 `json:"errorShare"` // percent
	P50        *float64 `json:"p50"`        // milliseconds
	P90        *float64 `json:"p90"`
	P99        *float64 `json:"p99"`
	// Codes counts the answers by status, gRPC status and response flags.
	Codes []apiCode `json:"codes"`
}

type apiCode struct {
	Code       string  `json:"code"`
	GRPCStatus string  `json:"grpcStatus"`
	Flags      string  `json:"flags"`
	Meaning    string  `json:"meaning"` // of the flags
	Count      float64 `json:"count"`
}

// apiSplit is what versions got beside what is declared.
type apiSplit struct {
	// Why says why it is not known, Unjudged why it is shown and not judged.
	Why      string            `json:"why"`
	Unjudged string            `json:"unjudged"`
	Sample   *int              `json:"sample"`
	Drifts   bool              `json:"drifts"`
	Versions []apiVersionShare `json:"versions"`
	// Elsewhere are requests to pods of no declared version, Refused those the
	// waypoint answered itself, Lost those that failed before any version had
	// them; none of them is in the sample.
	Elsewhere []apiOther `json:"elsewhere"`
	Refused   int        `json:"refused"`
	Lost      int        `json:"lost"`
}

type apiOther struct {
	Name  string `json:"name"`
	Count int    `json:"count"`
}

// apiVersionShare has shares in percent; observed ones are null without traffic,
// the declared one where only matches lead to the version.
type apiVersionShare struct {
	Name     string   `json:"name"`
	Declared *float64 `json:"declared"`
	Count    int      `json:"count"`
	Observed *float64 `json:"observed"`
	Low      *float64 `json:"low"` // with 95 % confidence
	High     *float64 `json:"high"`
	Drifts   bool     `json:"drifts"`
}

// apiConnections is what the ztunnels before a service's pods counted.
type apiConnections struct {
	Opened     float64   `json:"opened"`
	Failed     float64   `json:"failed"`
	Denied     float64   `json:"denied"`
	Flags      []apiFlag `json:"flags"`
	BytesSent  float64   `json:"bytesSent"`
	BytesGot   float64   `json:"bytesReceived"`
	MTLSShare  *float64  `json:"mtlsShare"` // percent
	ByWaypoint *float64  `json:"byWaypoint"`
	// Past are the callers that came past the waypoint, Edges all callers.
	Past  []apiEdge `json:"past"`
	Edges []apiEdge `json:"edges"`
}

// apiEdge are the connections of one caller, whose name is empty where it is not
// known.
type apiEdge struct {
	Name      string   `json:"name"`
	Opened    float64  `json:"opened"`
	Failed    float64  `json:"failed"`
	Denied    float64  `json:"denied"`
	MTLSShare *float64 `json:"mtlsShare"` // percent
}

type apiFlag struct {
	Flag    string  `json:"flag"`
	Meaning string  `json:"meaning"`
	Count   float64 `json:"count"`
}

type apiGap struct {
	Proxy  apiRef `json:"proxy"`
	Reason string `json:"reason"`
}

type apiQuery struct {
	Name   string `json:"name"`
	PromQL string `json:"promql"`
	URL    string `json:"url"`
}

func (s *Server) apiServiceRates(w http.ResponseWriter, r *http.Request) error {
	rep := s.report(r)
	o, err := serviceAsked(r, rep)
	if err != nil {
		return err
	}
	if se, ok := o.(*mesh.ServiceEntry); ok {
		return writeJSON(w, http.StatusOK, s.ratesOf(r, rep, se.Ref(), rep.Snap.ServiceEntryBinding(se), se.Hosts))
	}
	svc, _ := o.(*mesh.Service)
	return writeJSON(w, http.StatusOK, s.ratesOf(r, rep, svc.Ref(), rep.Snap.ServiceBinding(svc), []string{svc.Hostname(mesh.DefaultClusterDomain)}))
}

func (s *Server) ratesOf(r *http.Request, rep *analysis.Report, ref mesh.Ref, binding mesh.Binding, hosts []string) apiRates {
	counts := rep.Counts()
	out := apiRates{apiRef: refOf(ref), Versions: []apiRequests{}, Callers: []apiRequests{}, Gaps: []apiGap{}, Warnings: []string{}, Queries: s.queriesOf(r, hosts)}
	out.Split = splitItem(counts.SplitOf(ref))
	t := counts.Traffic()
	if t == nil {
		return out
	}
	out.At, out.Window, out.From, out.Warnings = rfc3339(t.At), t.Window.String(), t.Source, orEmpty(t.Warnings)
	var waypoints []string
	if wp := rep.Snap.Waypoint(binding.Waypoint.Namespace, binding.Waypoint.Name); wp != nil {
		waypoints = append(waypoints, wp.Principal(rep.Snap.MeshConfig().TrustDomain))
		for _, g := range counts.Gaps(wp.Pods) {
			out.Gaps = append(out.Gaps, apiGap{refOf(g.Proxy), g.Reason})
		}
	}
	out.fill(counts, ref, waypoints)
	return out
}

// fill adds what is known. That there were no requests is known where every
// proxy that would have counted them was read, and there is one.
func (a *apiRates) fill(counts *traffic.Counts, ref mesh.Ref, waypoints []string) {
	total := counts.RequestsOf(ref, traffic.ReporterWaypoint)
	if total.Count > 0 || (len(a.Gaps) == 0 && len(waypoints) > 0) {
		item := requestsItem(total)
		a.Requests = &item
	}
	for _, v := range counts.ByVersion(ref, traffic.ReporterWaypoint) {
		a.Versions = append(a.Versions, requestsItem(v))
	}
	for _, c := range counts.ByCaller(ref, traffic.ReporterWaypoint) {
		a.Callers = append(a.Callers, requestsItem(c))
	}
	if x := counts.ConnectionsOf(ref, traffic.ReporterDestination); x.All() > 0 {
		a.Connections = connectionsItem(x)
		passage := counts.PassageOf(ref, waypoints)
		a.Connections.ByWaypoint = known(passage.Share())
		a.Connections.Past, a.Connections.Edges = edgeItems(passage.Others), edgeItems(counts.EdgesOf(ref, traffic.ReporterDestination))
	}
}

func requestsItem(r traffic.Requests) apiRequests {
	return apiRequests{
		Name: r.Name, Count: r.Count, PerSecond: r.PerSecond, ErrorShare: known(r.ErrorShare()),
		P50: milliseconds(r.P50), P90: milliseconds(r.P90), P99: milliseconds(r.P99), Codes: codeItems(r.Codes),
	}
}

func codeItems(list []traffic.CodeCount) []apiCode {
	out := make([]apiCode, 0, len(list))
	for _, c := range list {
		out = append(out, apiCode{Code: c.Code, GRPCStatus: c.GRPCStatus, Flags: c.Flags, Meaning: traffic.RequestFlagMeaning(c.Flags), Count: c.Count})
	}
	return out
}

func edgeItems(list []traffic.Connections) []apiEdge {
	out := make([]apiEdge, 0, len(list))
	for i := range list {
		x := &list[i]
		out = append(out, apiEdge{Name: x.Name, Opened: x.Opened, Failed: x.Failed, Denied: x.Denied, MTLSShare: known(x.MTLSShare())})
	}
	return out
}

func splitItem(s traffic.Split) apiSplit {
	out := apiSplit{Why: s.Why, Unjudged: s.Unjudged, Drifts: s.Drifts(), Versions: []apiVersionShare{}, Elsewhere: []apiOther{}, Refused: s.Refused, Lost: s.Lost}
	if !s.Known {
		return out
	}
	out.Sample = &s.Sample
	for _, o := range s.Elsewhere {
		out.Elsewhere = append(out.Elsewhere, apiOther(o))
	}
	for _, v := range s.Versions {
		item := apiVersionShare{Name: v.Title, Declared: known(v.Share, v.Share >= 0), Count: v.Count, Drifts: v.Drifts}
		if s.Sample > 0 {
			item.Observed, item.Low, item.High = &v.Observed, &v.Low, &v.High
		}
		out.Versions = append(out.Versions, item)
	}
	return out
}

func connectionsItem(x traffic.Connections) *apiConnections {
	out := &apiConnections{Opened: x.Opened, Failed: x.Failed, Denied: x.Denied, Flags: []apiFlag{}, BytesSent: x.BytesSent, BytesGot: x.BytesReceived, MTLSShare: known(x.MTLSShare())}
	for _, f := range x.Ended {
		out.Flags = append(out.Flags, apiFlag(f))
	}
	return out
}

// queriesOf is the PromQL behind the numbers, where a Prometheus is asked.
func (s *Server) queriesOf(r *http.Request, hosts []string) []apiQuery {
	out := []apiQuery{}
	charts := s.charts(s.worldOf(r).name)
	if charts == nil {
		return out
	}
	for _, host := range hosts {
		for _, q := range charts.Queries(strings.ToLower(host)) {
			out = append(out, apiQuery(q))
		}
	}
	return out
}

// known is a number, nil where it is not known.
func known(v float64, ok bool) *float64 {
	if !ok {
		return nil
	}
	return &v
}

func milliseconds(l *traffic.Latency) *float64 {
	if l == nil {
		return nil
	}
	return &l.Milliseconds
}
