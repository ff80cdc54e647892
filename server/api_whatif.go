package server

import (
	"encoding/json"
	"mime"
	"net/http"
	"net/url"

	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/views"
)

// apiWhatIfOrder is the body of POST /api/v1/whatif.
type apiWhatIfOrder struct {
	// Objects is YAML or JSON as for kubectl apply: new objects, or changed ones
	// in whole.
	Objects string `json:"objects"`
	// Deleted names objects that are taken away: "Kind/namespace/name".
	Deleted []string `json:"deleted"`
	// Request is the call, by the names of URL parameters; header and jwt-claim
	// may be lists.
	Request map[string]any `json:"request"`
}

// apiWhatIf is the answer. Before and After are as the API declares them.
type apiWhatIf struct {
	Format  string          `json:"format"`
	Before  path.Document   `json:"before"`
	After   path.Document   `json:"after"`
	Applied []apiApplied    `json:"applied"`
	Ignored []string        `json:"ignored"`
	Matrix  apiMatrixChange `json:"matrix"`
	LeftOut []string        `json:"proxiesLeftOut"`
	Note    string          `json:"note"`
}

type apiApplied struct {
	apiRef
	Change string `json:"change"` // added, changed or deleted
}

// apiMatrixChange is who gains or loses access to the service addressed.
type apiMatrixChange struct {
	Service apiRef          `json:"service"`
	Port    uint16          `json:"port"`
	Callers int             `json:"callers"`
	Changed []apiCellChange `json:"changed"`
}

type apiCellChange struct {
	apiRef
	Entry  path.Entry   `json:"entry"`
	Before views.Access `json:"before"`
	After  views.Access `json:"after"`
	Gains  bool         `json:"gains"`
	Reason string       `json:"reason"`
}

// apiTry tries a change on a call and on the matrix of its service. The cluster
// is never touched.
func (s *Server) apiTry(w http.ResponseWriter, r *http.Request) error {
	report := s.report(r)
	order, err := whatIfOrder(r)
	if err != nil {
		return err
	}
	call, err := order.call()
	if err != nil {
		return err
	}
	request, err := views.ParsePathRequest(call)
	if err != nil {
		return asBadRequest(report, err)
	}
	change, err := s.readChange(order.Objects, order.Deleted)
	if err != nil {
		return asBadRequest(report, err)
	}
	snap := report.Snap
	t, err := views.Try(snap, request, change)
	if err != nil {
		return asBadRequest(report, err)
	}
	out := apiWhatIf{
		Format: "waylight.whatif/v1", Before: path.NewDocument(t.Before, snap.At), After: path.NewDocument(t.After, snap.At),
		Applied: []apiApplied{}, Ignored: orEmpty(t.Ignored), LeftOut: orEmpty(t.LeftOut),
		Matrix: apiMatrixChange{Service: refOf(t.Service), Port: t.Port, Callers: t.Callers, Changed: []apiCellChange{}},
		Note:   "Nothing was changed in the cluster. Both sides are judged by what the API declares.",
	}
	for _, a := range t.Applied {
		out.Applied = append(out.Applied, apiApplied{refOf(a.Object), a.Kind})
	}
	for _, c := range t.Cells {
		ref := apiRef{Kind: "ServiceAccount", Namespace: c.Namespace, Name: c.Name}
		out.Matrix.Changed = append(out.Matrix.Changed, apiCellChange{ref, c.Entry, c.Before, c.After, c.Gains(), c.Reason})
	}
	return writeJSON(w, http.StatusOK, out)
}

// whatIfOrder reads the body. Only JSON is taken: a form of another site cannot
// send it unasked.
func whatIfOrder(r *http.Request) (apiWhatIfOrder, error) {
	var order apiWhatIfOrder
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return order, &statusError{status: http.StatusUnsupportedMediaType, text: "The body must be application/json."}
	}
	body := json.NewDecoder(r.Body)
	body.DisallowUnknownFields()
	if err := body.Decode(&order); err != nil {
		return order, badRequest("The body is no change to try: %s.", oneLine(err.Error()))
	}
	return order, nil
}

// call is the request as parameters.
func (o *apiWhatIfOrder) call() (url.Values, error) {
	v := url.Values{}
	for name, value := range o.Request {
		list, ok := value.([]any)
		if !ok {
			list = []any{value}
		}
		for _, one := range list {
			text, ok := one.(string)
			if !ok {
				return nil, badRequest("request.%s is no text.", oneLine(name))
			}
			v.Add(name, text)
		}
	}
	return v, nil
}
