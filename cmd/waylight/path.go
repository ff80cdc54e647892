package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/collectors/evidence"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/server"
	"github.com/waylight/waylight/views"
	"github.com/waylight/waylight/views/text"
)

// pathFlags are what only path takes.
type pathFlags struct {
	output       string
	timeout      time.Duration
	proxyTimeout time.Duration
	noProxies    bool
	// call holds the parameters of the call by the names of URLs.
	call url.Values
}

func newPath(src *sourceFlags) *cobra.Command {
	f := &pathFlags{call: url.Values{}}
	cmd := &cobra.Command{
		Use:   "path --from WHO --to WHAT",
		Short: "Say what becomes of one call, hop by hop",
		Long: "Say what becomes of one call: which hop decides, why, what the client sees, what to type next.\n\n" +
			"--from is ns/pod, ns/<kind>/name (deployment, statefulset, daemonset, job, sa), ingress:ns/gateway or outside.\n" +
			"--to is ns/service:port, ns/pod:port, ns/pod/name:port, host:port, ip:port or a URL. How the call is addressed\n" +
			"decides which waypoint it passes.\n\n" +
			"Of a cluster it reads the Kubernetes objects, then the proxies on the path through port-forwards, and their newest\n" +
			"log lines. A hop is expected (by the API alone), seen (a proxy has it so in memory) or proven (a log line shows it).\n\n" +
			"Exit code 0: Reachable; 1: Unreachable or Ambiguous; 2: Undetermined, or the question makes no sense in this mesh.",
		Example: "  waylight path --from shop/web-1 --to shop/orders:80 --path /api/items --header x-canary=always\n" +
			"  waylight path --from shop/deployment/web --to http://orders.shop/api/items -o markdown\n" +
			"  waylight path --bundle incident.tar.gz --from outside --to 10.0.1.7:8080 -o json",
		Args: cobra.NoArgs,
	}
	flags := cmd.Flags()
	for _, p := range []struct{ name, help string }{
		{views.ParamFrom, "who calls: ns/pod, ns/<kind>/name, ingress:ns/gateway or outside"},
		{views.ParamTo, "what is called: ns/service:port, ns/pod:port, host:port, ip:port or a URL"},
		{views.ParamMethod, "method of the request (default GET)"},
		{views.ParamPath, "path of the request (default that of the URL, else /)"},
		{views.ParamJWT, "token the request carries: none, valid or invalid"},
		{views.ParamJWTIssuer, "iss claim of the token"},
		{views.ParamJWTSubject, "sub claim of the token"},
	} {
		flags.Var(oneParam{p.name, f.call}, p.name, p.help)
	}
	flags.Var(manyParams{views.ParamHeader, f.call}, views.ParamHeader, "header of the request, name=value or name:value (repeatable)")
	flags.Var(manyParams{views.ParamJWTClaim, f.call}, views.ParamJWTClaim, "another claim of the token, name=value (repeatable)")
	flags.StringVarP(&f.output, "output", "o", "text", "form of the answer: text, json or markdown")
	flags.DurationVar(&f.timeout, "timeout", time.Minute, "how long reading the Kubernetes objects of a cluster may take")
	flags.DurationVar(&f.proxyTimeout, "proxy-timeout", 5*time.Second, "how long reading the proxies on the path may take; those that do not answer are named")
	flags.BoolVar(&f.noProxies, "no-proxies", false, "do not read the proxies on the path, nor their logs; what is said is then expected from the API alone")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return explain(cmd, src, f)
	}
	return cmd
}

// oneParam is a flag that sets a parameter, manyParams one that adds to it.
// Values are taken as they are: a header may hold a comma.
type (
	oneParam struct {
		name string
		call url.Values
	}
	manyParams oneParam
)

func (p oneParam) Set(s string) error { p.call.Set(p.name, s); return nil }
func (p oneParam) Type() string       { return "string" }
func (p oneParam) String() string     { return p.call.Get(p.name) }

func (p manyParams) Set(s string) error { p.call.Add(p.name, s); return nil }
func (p manyParams) Type() string       { return "name=value" }
func (p manyParams) String() string     { return strings.Join(p.call[p.name], " ") }

// explain reads the mesh once, then the proxies on the path, and prints what
// becomes of the call. What it returns carries the exit code.
func explain(cmd *cobra.Command, src *sourceFlags, f *pathFlags) error {
	ctx := cmd.Context()
	write, ok := pathWriters[f.output]
	if !ok {
		return fmt.Errorf("--output: %q is none of text, json, markdown", f.output)
	}
	request, err := views.ParsePathRequest(f.call)
	if err != nil {
		return err
	}
	snap, feed, err := readMesh(ctx, src, f.timeout)
	if err != nil {
		return err
	}
	involved, err := path.Involved(snap, request)
	if err != nil {
		return err
	}
	seen := readPath(ctx, snap, feed, involved, f)
	snap = feed.keep(snap, seen)
	e, err := path.Explain(snap, seen, request)
	if err != nil {
		return err
	}
	if err := write(cmd.OutOrStdout(), snap, views.PathAnswer{Request: request, Explanation: e, Seen: seen}); err != nil {
		return err
	}
	sayRemedy(cmd.ErrOrStderr(), seen)
	return exitOf(e.Verdict)
}

// keep gives the snapshot that has, of the proxies that were read for one
// question, what a sweep would have left in it. A bundle has all of it before.
func (f feed) keep(snap *mesh.Snapshot, seen *views.PathSeen) *mesh.Snapshot {
	if f.proxies == nil || f.proxies.sweep == nil || len(seen.Ztunnels)+len(seen.Envoys) == 0 {
		return snap
	}
	looks := newDriftLooks()
	for _, d := range seen.Ztunnels {
		evidence.KeepZtunnel(f.assembler, snap, looks, d)
	}
	for _, d := range seen.Envoys {
		evidence.KeepEnvoy(f.assembler, snap, looks, d)
	}
	return f.assembler.Snapshot()
}

// sayRemedy tells once how the right is got that was missing for a proxy. The
// answer itself names proxy and right.
func sayRemedy(w io.Writer, seen *views.PathSeen) {
	if slices.ContainsFunc(seen.Proxies, func(p views.PathProxy) bool { return p.Failure == views.ReadForbidden }) {
		fmt.Fprintf(w, "waylight: proxies on the path may not be read; %s.\n", proxiesRemedy)
	}
}

// readPath reads the proxies on a path and what they wrote, and lets go of the
// way to them.
func readPath(ctx context.Context, snap *mesh.Snapshot, of feed, involved path.Proxies, f *pathFlags) *views.PathSeen {
	var readers server.PathReaders
	if p := of.proxies; p != nil && !f.noProxies {
		defer p.close()
		p.see(snap)
		readers.Dumps = p
	}
	if l := of.logs; l != nil && !f.noProxies {
		defer l.hub.Close()
		l.see(snap)
		readers.Logs = l
	}
	ctx, cancel := context.WithTimeout(ctx, f.proxyTimeout)
	defer cancel()
	return server.ReadPath(ctx, snap, readers, server.PathLogsSince(snap, time.Now()), involved, false)
}

// exitOf is the exit code of a verdict.
func exitOf(v path.Verdict) error {
	switch v {
	case path.Reachable:
		return nil
	case path.Unreachable, path.Ambiguous:
		return &exitError{code: exitFindings}
	}
	return &exitError{code: exitFailed}
}

// pathWriters are the forms of an explanation.
var pathWriters = map[string]func(io.Writer, *mesh.Snapshot, views.PathAnswer) error{
	"text": func(w io.Writer, s *mesh.Snapshot, a views.PathAnswer) error {
		return text.PathPlain(w, pathText(s, a))
	},
	"markdown": func(w io.Writer, s *mesh.Snapshot, a views.PathAnswer) error {
		return text.PathMarkdown(w, pathText(s, a))
	},
	"json": func(w io.Writer, s *mesh.Snapshot, a views.PathAnswer) error {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		return enc.Encode(views.NewPathDocument(a.Explanation, a.Seen, s.At))
	},
}

func pathText(s *mesh.Snapshot, a views.PathAnswer) text.Path {
	return text.Path{Explanation: a.Explanation, Asked: a.Request, At: s.At, Cluster: s.Cluster.Name, Unread: slices.Collect(a.Seen.UnreadWords())}
}
