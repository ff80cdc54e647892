package server

import (
	"net/http"
	"strings"

	"github.com/waylight/waylight/analysis/logline"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views"
)

// apiDenialList is what fails by the logs (design 4.5). The source's detail says
// what is not known.
type apiDenialList struct {
	apiList[apiDenial]
	// Window is how far back from asOf the failures reach, in seconds.
	Window int `json:"windowSeconds"`
	// Calls counts the failed calls of all items, Beyond those there is no item
	// for.
	Calls   int              `json:"calls"`
	Beyond  int              `json:"callsBeyond"`
	Proxies apiDenialProxies `json:"proxies"`
}

// apiDenialProxies is whose logs are read. MissedLines is null where nobody can
// know how many were missed.
type apiDenialProxies struct {
	Read        int            `json:"read"`
	Total       int            `json:"total"`
	Unread      []apiUnreadLog `json:"unread"`
	MissedLines *int           `json:"missedLines"`
}

type apiUnreadLog struct {
	Container string        `json:"container"`
	Source    string        `json:"source"`
	State     mesh.LogPhase `json:"state"`
	Detail    string        `json:"detail"`
}

// apiDenial are failed calls of one source to one destination for one reason;
// its own name is the destination's.
type apiDenial struct {
	apiRef
	Source      apiFailureEnd `json:"source"`
	Destination apiFailureEnd `json:"destination"`
	Code        string        `json:"code"`
	Denied      bool          `json:"denied"`
	Count       int           `json:"count"`
	First       string        `json:"first"`
	Last        string        `json:"last"`
	DecidedBy   []apiDecider  `json:"decidedBy"`
	Explain     apiExplain    `json:"explain"`
	Line        apiSample     `json:"line"`
	// Path and Logs are pages: the question that explains such a call, and the
	// line among its neighbours.
	Path string `json:"path"`
	Logs string `json:"logs"`
}

type apiFailureEnd struct {
	apiRef
	Pod     string `json:"pod"`
	Address string `json:"address"`
	Port    uint16 `json:"port"`
}

// apiDecider is a proxy that decided; Read is false where that is told from
// another's line.
type apiDecider struct {
	Writer mesh.LogWriter `json:"writer"`
	Node   string         `json:"node"`
	Pod    string         `json:"pod"`
	Count  int            `json:"count"`
	Read   bool           `json:"read"`
}

type apiExplain struct {
	Text string `json:"text"`
	Look string `json:"look"`
}

type apiSample struct {
	ID     string `json:"id"`
	Time   string `json:"time"`
	Source string `json:"source"`
	Raw    string `json:"raw"`
}

// apiDenials answers for the whole mesh, or for a namespace.
func (s *Server) apiDenials(w http.ResponseWriter, r *http.Request) error {
	q := views.ParseQuery(r.URL.Query())
	d := s.worldOf(r).denials.look(r.Context(), true)
	return writeJSON(w, http.StatusOK, denialList(q, d.In(q.Namespace)))
}

// apiServiceDenials answers for the calls to a Service or ServiceEntry.
func (s *Server) apiServiceDenials(w http.ResponseWriter, r *http.Request) error {
	rep := s.report(r)
	o, err := serviceAsked(r, rep)
	if err != nil {
		return err
	}
	d := s.worldOf(r).denials.look(r.Context(), true)
	return writeJSON(w, http.StatusOK, denialList(views.ParseQuery(r.URL.Query()), d.To(o.Ref())))
}

func denialList(q views.Query, d views.Denials) apiDenialList {
	out := apiDenialList{
		apiList: apiList[apiDenial]{Items: []apiDenial{}, AsOf: rfc3339(d.At), Source: apiSource{"logs", d.SourceState(), strings.Join(d.Limits(), " ")}},
		Window:  int(d.Window.Seconds()), Calls: d.Failures.Calls, Beyond: d.Failures.Beyond,
		Proxies: apiDenialProxies{Read: d.Read(), Total: d.All, Unread: []apiUnreadLog{}},
	}
	if d.Missed >= 0 {
		out.Proxies.MissedLines = &d.Missed
	}
	for _, u := range d.Unread {
		out.Proxies.Unread = append(out.Proxies.Unread, apiUnreadLog{u.Name, string(u.Source), u.Phase, u.Detail})
	}
	for i := range d.Failures.Groups {
		out.Items = append(out.Items, denialItem(q, &d.Failures.Groups[i]))
	}
	out.Total = len(out.Items)
	return out
}

func denialItem(q views.Query, g *logline.FailureGroup) apiDenial {
	out := apiDenial{
		apiRef: refOf(g.Destination.Ref), Source: failureEnd(&g.Source), Destination: failureEnd(&g.Destination), Code: g.Code, Denied: g.Denied, Count: g.Count,
		First: rfc3339(g.First), Last: rfc3339(g.Last), DecidedBy: []apiDecider{}, Explain: apiExplain{g.Explanation.Text, g.Explanation.Look},
		Path: string(q.Links().PathOfFailure(g)),
	}
	for i := range g.Deciders {
		d := &g.Deciders[i]
		out.DecidedBy = append(out.DecidedBy, apiDecider{d.Writer, d.Node, podName(d.Pod), d.Count, d.Read()})
	}
	if l := g.Sample; l != nil {
		out.Line = apiSample{l.ID, l.Time.UTC().Format(timeOfLine), string(l.From.Source), l.Raw}
		out.Logs = string(q.Links().LogLine(l))
	}
	return out
}

// timeOfLine keeps what tells lines of a second apart.
const timeOfLine = "2006-01-02T15:04:05.000000000Z07:00"

func failureEnd(e *logline.End) apiFailureEnd {
	return apiFailureEnd{refOf(e.Ref), podName(e.Pod), e.Address, e.Port}
}

// podName is "namespace/name", empty for no pod.
func podName(r mesh.Ref) string {
	if r.IsZero() {
		return ""
	}
	return r.NamespacedName()
}
