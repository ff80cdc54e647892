package analysis

import (
	"fmt"

	"github.com/waylight/waylight/mesh"
)

var authzDryRun = Check{
	Code: "AUTHZ_DRY_RUN", Severity: Warning, Class: Risk, Manifests: OnSomeManifests,
	Subject: "AuthorizationPolicy",
	Title:   "A policy is only a dry run",
	Explanation: "The annotation istio.io/dry-run makes a policy decide without effect: a waypoint counts what it would have done, and ztunnel is not sent it. Calls pass as if it were not there. " +
		"Take the annotation away when the policy is to be enforced.",
	Fires:  "The annotation istio.io/dry-run of an AuthorizationPolicy is true.",
	Silent: "It is absent, or any other value.",
	Doubt:  "It may be meant.",
	Needs:  []string{mesh.ResourceAuthorizationPolicies},
	Namespace: func(_ *Input, sh *mesh.Shard) []Finding {
		var out []Finding
		for _, p := range sh.Authorizations {
			if !p.DryRun() {
				continue
			}
			f := Finding{Subject: p.Ref(), Evidence: []Evidence{annotationEvidence(&p.Meta, mesh.AnnotationDryRun)}}
			f.Summary = fmt.Sprintf("%s is a dry run: it is not enforced.", p.Ref())
			f.Detail = "Calls pass as if it were not there."
			f.Fix = advise("If it is to be enforced, take the annotation away. From then on it admits and refuses what it says; other ALLOW policies no longer decide alone.").
				get(p.Ref()).
				change("-n", p.Namespace, "annotate", kubectlName(p.Ref()), mesh.AnnotationDryRun+"-")
			out = append(out, f)
		}
		return out
	},
}
