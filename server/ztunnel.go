package server

import (
	"bytes"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views"
)

// pageZtunnel shows a part of a ztunnel's dump, or writes it as ?format=csv or
// json.
func (s *Server) pageZtunnel(w http.ResponseWriter, r *http.Request) error {
	report, q := s.report(r), views.ParseQuery(r.URL.Query())
	node, tab, err := ztunnelAsked(r, report)
	if err != nil {
		return err
	}
	fresh := r.URL.Query().Has("fresh")
	read := s.readZtunnel(r, report, node, q.Pod, fresh)
	switch format := r.URL.Query().Get("format"); {
	case format == "csv":
		return writeZtunnelCSV(w, report, node, tab, read, q)
	case format == "json":
		return writeJSON(w, http.StatusOK, ztunnelItems(report, node, tab, read, q))
	case fresh && read.Dump != nil:
		// What was read is kept now. Without the parameter the address can be
		// shared and renews itself without asking the proxy each time.
		return seeOther(w, r)
	}
	m := views.NewZtunnel(report, node, tab, read, q).WithQueries(s.proxyQueries(r, Metrics.ZtunnelQueries))
	return s.show(w, r, http.StatusOK, views.NewFrame(report, q, views.PageZtunnels, node), views.ZtunnelContent(m))
}

// ztunnelAsked is the node and the part of its dump that an address names.
func ztunnelAsked(r *http.Request, report *analysis.Report) (node, tab string, err error) {
	node = param(r, "node")
	tab, ok := views.ZtunnelTab(param(r, "tab"))
	switch {
	case !ok:
		return "", "", notFound("A ztunnel's dump has no part %s.", param(r, "tab"))
	case !knownNode(report.Snap, node):
		return "", "", aNode.absent(report, "", node)
	}
	return node, tab, nil
}

// seeOther leads to the same address without fresh.
func seeOther(w http.ResponseWriter, r *http.Request) error {
	v := r.URL.Query()
	v.Del("fresh")
	to := url.URL{Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: v.Encode()}
	if strings.HasPrefix(to.Path, "//") {
		return badRequest("This address cannot be read again.")
	}
	http.Redirect(w, r, to.String(), http.StatusSeeOther)
	return nil
}

// writeZtunnelCSV writes every row that matches. What could not be read is an
// error and no empty file, which would say that there is nothing.
func writeZtunnelCSV(w http.ResponseWriter, report *analysis.Report, node, tab string, read views.ZtunnelRead, q views.Query) error {
	if read.Dump == nil {
		return unreadSentence("ztunnel", read.Failure, read.Words())
	}
	list := views.NewZtunnelList(report, read.Dump, tab, q, 0)
	return writeCSV(w, &list, fileName("ztunnel", node, tab))
}

// writeCSV answers with a file.
func writeCSV(w http.ResponseWriter, list *views.DumpList, name string) error {
	var buf bytes.Buffer
	if err := list.WriteCSV(&buf); err != nil {
		return err
	}
	return sendCSV(w, &buf, name)
}

// sendCSV sends a table that is whole already.
func sendCSV(w http.ResponseWriter, buf *bytes.Buffer, name string) error {
	h := w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="`+name+`.csv"`)
	h.Set("Cache-Control", "private, no-cache")
	h.Set("Content-Length", strconv.Itoa(buf.Len()))
	_, _ = w.Write(buf.Bytes())
	return nil
}

// unreadSentence is why there is nothing of a proxy, where there is no page to
// say it.
func unreadSentence(proxy string, why views.ReadFailure, words string) error {
	if why == views.ReadForbidden {
		words = "The " + proxy + " may not be read. Missing right: " + words + "."
	}
	return &statusError{status: http.StatusServiceUnavailable, text: words}
}

// fileName joins parts, of which some are names from the cluster, to a name
// that is safe in a header and in every file system.
func fileName(parts ...string) string {
	const limit = 120
	name := strings.Map(func(c rune) rune {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '.':
			return c
		}
		return '_'
	}, strings.Join(parts, "-"))
	return name[:min(len(name), limit)]
}

// ztunnelSource is the source that a ztunnel's lists rest on.
func ztunnelSource(node string, read views.ZtunnelRead) apiSource {
	return apiSource{Name: "ztunnel/" + node, State: read.State(), Detail: read.Words()}
}

// ztunnelItems is a part of a dump in the API's form.
func ztunnelItems(report *analysis.Report, node, tab string, read views.ZtunnelRead, q views.Query) apiList[any] {
	out := apiList[any]{Items: []any{}, Source: ztunnelSource(node, read)}
	if read.Dump == nil {
		return out
	}
	list := views.NewZtunnelList(report, read.Dump, tab, q, 0)
	out.Items, out.AsOf = list.Items(report), rfc3339(read.Dump.At)
	out.Total = len(out.Items)
	if tab == views.TabConnections && !read.Dump.LocalKnown {
		out.Source.State = mesh.SourcePartial
		out.Source.Detail = "This dump does not say which pods of the node the ztunnel serves, so their connections are unknown."
	}
	return out
}
