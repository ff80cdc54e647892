package analysis

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/waylight/waylight/mesh"
)

// trustedAccountsVariable lists whom istiod lets ask for certificates of other
// identities, as "namespace/account" separated by commas (istio
// pilot/pkg/features, security/pkg/server/ca/node_auth.go).
const trustedAccountsVariable = "CA_TRUSTED_NODE_ACCOUNTS"

var caTrustedAccountMismatch = Check{
	Code: "CA_TRUSTED_ACCOUNT_MISMATCH", Severity: Critical, Class: Breaks,
	Subject: "Deployment of istiod",
	Title:   "istiod does not trust the account that ztunnel runs under",
	Explanation: "A ztunnel asks istiod for the certificates of all pods on its node, and istiod grants that to the accounts in CA_TRUSTED_NODE_ACCOUNTS only. An account that is missing there gets none: " +
		"certificates that exist run out and new pods never get one. This happens when ztunnel is installed in another namespace, or under another name, than istiod was told.",
	Fires:  "A running ztunnel's namespace/account is in the CA_TRUSTED_NODE_ACCOUNTS of no istiod; where the variable is absent, istiod's own namespace with the account ztunnel is taken for it.",
	Silent: "Another istiod trusts the account; ztunnel's CA_ADDRESS names something other than an istiod; the variable comes from a ConfigMap or Secret and the account is the default one; there is no istiod in the cluster.",
	Doubt:  "The Deployment may have been changed and not rolled out yet, and a variable that comes from elsewhere is not seen.",
	Needs:  []string{mesh.ResourcePods, mesh.ResourceDeployments},
	Mesh:   judgeTrustedAccounts,
}

func judgeTrustedAccounts(in *Input) []Finding {
	istiods := in.Snap.Istiods()
	var refused []*mesh.Workload
	for _, z := range in.runningZtunnels() {
		trusts := func(d *mesh.Controller) bool { return slices.Contains(trustedAccounts(d), accountOf(z)) }
		if asksIstiod(z) && !slices.ContainsFunc(istiods, trusts) {
			refused = append(refused, z)
		}
	}
	if len(refused) == 0 {
		return nil
	}
	var out []Finding
	for _, d := range istiods {
		out = append(out, accountMismatch(d, refused))
	}
	return out
}

// runningZtunnels lists ztunnel's running pods, by namespace and name.
func (in *Input) runningZtunnels() []*mesh.Workload {
	var out []*mesh.Workload
	for _, sh := range in.Snap.Shards {
		for _, w := range sh.PartsOfMesh() {
			if w.Labels["app"] == "ztunnel" && w.Kind == "Pod" && w.Running() {
				out = append(out, w)
			}
		}
	}
	return out
}

// accountOf is how istiod's list names a pod's account.
func accountOf(w *mesh.Workload) string { return w.Namespace + "/" + w.ServiceAccount }

// asksIstiod tells whether a ztunnel gets its certificates from istiod: another
// CA has trust rules of its own.
func asksIstiod(z *mesh.Workload) bool {
	for i := range z.Containers {
		if address, set := z.Containers[i].Env["CA_ADDRESS"]; set {
			return strings.Contains(address, "istiod")
		}
	}
	return true
}

func trustedAccounts(istiod *mesh.Controller) []string {
	list, set := istiod.Env(trustedAccountsVariable)
	if !set {
		return []string{istiod.Namespace + "/ztunnel"}
	}
	return strings.Split(list, ",") // istiod takes blanks as part of a name
}

func accountMismatch(istiod *mesh.Controller, refused []*mesh.Workload) Finding {
	accounts, nodes := accountsAndNodes(refused)
	f := Finding{Subject: istiod.Ref(), Affects: nodes}
	f.Summary = fmt.Sprintf("%s does not let %s ask for the certificates of pods.", capital(istiod.Ref().String()), strings.Join(accounts, " and "))
	f.Detail = "ztunnel gets no certificates: calls between captured pods fail as soon as those it holds run out, and those of new pods fail at once."
	list, set := istiod.Env(trustedAccountsVariable)
	if !set {
		list = "not set, so " + strings.Join(trustedAccounts(istiod), ", ") + " is expected"
	}
	if strings.ContainsAny(list, " \t") && set {
		f.Detail += " istiod takes the blanks in its list as part of the names."
		list = strconv.Quote(list)
	}
	f.Evidence = []Evidence{fieldEvidence(istiod.Ref(), "spec.template.spec.containers[].env["+trustedAccountsVariable+"]", list)}
	for _, z := range refused {
		f.Evidence = append(f.Evidence, fieldEvidence(z.Ref(), "spec.serviceAccountName", z.ServiceAccount+" in namespace "+z.Namespace))
	}
	f.Evidence = shorten(f.Evidence)
	f.Fix = advise("Tell istiod where ztunnel is: in Helm trustedZtunnelNamespace and trustedZtunnelName of the istiod chart, or else the variable itself, which the next upgrade by Helm takes back. istiod restarts; certificates come within a minute.").
		read("-n", istiod.Namespace, "get", kubectlName(istiod.Ref()), "-o", `jsonpath={.spec.template.spec.containers[*].env[?(@.name=="`+trustedAccountsVariable+`")]}`).
		read("get", "daemonsets", "-A", "-l", "app=ztunnel", "-o", "wide").
		change("-n", istiod.Namespace, "set", "env", kubectlName(istiod.Ref()), trustedAccountsVariable+"="+strings.Join(union(trustedAccounts(istiod), accounts), ","))
	return f
}

func accountsAndNodes(ztunnels []*mesh.Workload) (accounts []string, nodes []mesh.Ref) {
	for _, z := range ztunnels {
		accounts = appendNew(accounts, accountOf(z))
		if node := (mesh.Ref{Kind: "Node", Name: z.Node}); z.Node != "" && !slices.Contains(nodes, node) {
			nodes = append(nodes, node)
		}
	}
	return accounts, nodes
}

// union adds what a list lacks, and drops what is empty and blanks.
func union(list, more []string) []string {
	var out []string
	for _, s := range slices.Concat(list, more) {
		if s = strings.TrimSpace(s); s != "" {
			out = appendNew(out, s)
		}
	}
	return out
}
