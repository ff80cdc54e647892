package analysis

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/waylight/waylight/mesh"
)

// rootWarning is how long before a root certificate's end it is time to act.
const rootWarning = 30 * 24 * time.Hour

var rootCertExpiresSoon = Check{
	Code: "ROOT_CERT_EXPIRES_SOON", Severity: Warning, Class: Risk,
	Subject: "Mesh",
	Title:   "A root certificate of the mesh runs out",
	Explanation: "All identities of the mesh hang on its root certificates. When the last one that ztunnels trust runs out, every connection between captured pods fails at once. Replacing a root takes time: " +
		"the new one has to be trusted everywhere before anything is signed by it. Where a ztunnel trusts another root that lasts longer this is info; where all have run out it is critical.",
	Fires:  "A root certificate in the dump of a ztunnel expires within 30 days.",
	Silent: "The dump gives no roots, or no dates of them.",
	Doubt:  "The root may be one that is on its way out, and nothing signed by it in use.",
	Needs:  []string{mesh.ResourcePods, readZtunnels},
	Mesh:   judgeRoots,
}

// root is a root certificate with the ztunnels that trust it.
type root struct {
	mesh.Certificate
	said  ztunnelSaid // the first of them
	nodes []mesh.Ref
	// alone is true where some ztunnel trusts none that lasts longer, over
	// where all it trusts have run out.
	alone, over bool
}

func judgeRoots(in *Input) []Finding {
	var ending []root
	for _, z := range in.shared.certificates() {
		for _, c := range z.roots {
			if c.NotAfter.Sub(z.said.At) < rootWarning {
				ending = noteRoot(ending, c, z)
			}
		}
	}
	if len(ending) == 0 {
		return nil
	}
	return []Finding{rootsEnd(in, ending)}
}

// trustedRoots are a ztunnel's distinct roots that have dates, first to end first.
func trustedRoots(z ztunnelSaid) []mesh.Certificate {
	var out []mesh.Certificate
	for i := range z.Certificates {
		for _, c := range z.Certificates[i].Roots {
			if !c.NotAfter.IsZero() && !slices.Contains(out, c) {
				out = append(out, c)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b mesh.Certificate) int { return a.NotAfter.Compare(b.NotAfter) })
	return out
}

func noteRoot(list []root, c mesh.Certificate, z ztunnelCertificates) []root {
	i := slices.IndexFunc(list, func(r root) bool { return r.Certificate == c })
	if i < 0 {
		i = len(list)
		list = append(list, root{Certificate: c, said: z.said})
	}
	end := z.roots[len(z.roots)-1].NotAfter
	r := &list[i]
	r.nodes = append(r.nodes, mesh.Ref{Kind: "Node", Name: z.said.Node})
	r.alone = r.alone || end.Sub(z.said.At) < rootWarning
	r.over = r.over || !end.After(z.said.At)
	return list
}

func rootsEnd(in *Input, ending []root) Finding {
	f := Finding{Subject: mesh.MeshRef, Severity: Info}
	slices.SortStableFunc(ending, func(a, b root) int { return cmp.Or(a.NotAfter.Compare(b.NotAfter), cmp.Compare(a.Serial, b.Serial)) })
	f.Summary = fmt.Sprintf("A root certificate of the mesh ends on %s.", ending[0].NotAfter.UTC().Format(time.DateOnly))
	f.Detail = "Every ztunnel that trusts it trusts another one that lasts longer, so calls go on if nothing in use is signed by it."
	for _, r := range ending {
		f.Affects = append(f.Affects, r.nodes...)
		f.Evidence = append(f.Evidence, saidEvidence(r.said.source(), r.said.Pod, "certificates[].rootCerts[].expirationTime",
			fmt.Sprintf("%s, serial number %s, trusted on %s", timeText(r.NotAfter), r.Serial, names(r.nodes)), r.said.At))
		switch {
		case r.over:
			f.Severity, f.Class = Critical, Breaks
			f.Detail = "It has run out, and so has every other that some ztunnels trust: their connections through the mesh fail."
		case r.alone && f.Severity != Critical:
			f.Severity = Warning
			f.Detail = "Some ztunnels trust no other that lasts longer: once it has run out, every connection between captured pods there fails."
		}
	}
	f.Evidence = shorten(f.Evidence)
	f.Fix = advise("Plan the replacement now: let everything trust the new root beside the old one, then sign by the new one, then drop the old one. Changing the root at once cuts all connections of the mesh.").
		read("get", "secrets", "-n", in.Snap.RootNamespace(), "cacerts", "istio-ca-secret", "--ignore-not-found").
		read("get", "configmaps", "-n", in.Snap.RootNamespace(), "istio-ca-root-cert", "-o", "yaml")
	return f
}
