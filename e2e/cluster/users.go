package cluster

import (
	"crypto/rand"
	"fmt"
	"os"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// The users every cluster has; Config.Users adds more. A user has no right but what roles give, except Admin, who is in
// system:masters.
const (
	Admin = "admin"
	// Istiod is the name of istiod's service account, so that it runs with the rights its chart gives it and no others.
	Istiod = "system:serviceaccount:istio-system:istiod"
)

// writeTokens makes a token for each user and writes the file by which the API server knows them.
func (c *Cluster) writeTokens(t testing.TB, users []string) {
	t.Helper()
	c.tokens = make(map[string]string)
	var file strings.Builder
	for _, user := range append([]string{Admin, Istiod}, users...) {
		group := "e2e"
		if user == Admin {
			group = "system:masters"
		}
		c.tokens[user] = rand.Text()
		fmt.Fprintf(&file, "%s,%q,%q,%q\n", c.tokens[user], user, user, group)
	}
	if err := os.WriteFile(c.path("tokens.csv"), []byte(file.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

// Kubeconfig writes a kubeconfig for one user and answers its path.
func (c *Cluster) Kubeconfig(t testing.TB, user string) string {
	t.Helper()
	token, ok := c.tokens[user]
	if !ok {
		t.Fatalf("no user %q: name it in Config.Users", user)
	}
	config := clientcmdapi.NewConfig()
	config.Clusters["e2e"] = &clientcmdapi.Cluster{Server: "https://" + c.apiAddress, CertificateAuthority: c.apiCertificate()}
	config.AuthInfos["user"] = &clientcmdapi.AuthInfo{Token: token}
	config.Contexts["e2e"] = &clientcmdapi.Context{Cluster: "e2e", AuthInfo: "user"}
	config.CurrentContext = "e2e"
	path := c.path("kubeconfig-" + strings.ReplaceAll(user, ":", "-"))
	if err := clientcmd.WriteToFile(*config, path); err != nil {
		t.Fatal(err)
	}
	return path
}

// BindClusterRole gives a user a ClusterRole in the whole cluster.
func (c *Cluster) BindClusterRole(t testing.TB, user, role string) {
	t.Helper()
	c.Apply(t, &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: user + "-" + role},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: user}},
	})
}

// BindInNamespace gives a user the rights of a ClusterRole in one namespace.
func (c *Cluster) BindInNamespace(t testing.TB, user, role, namespace string) {
	t.Helper()
	c.Apply(t, &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: user + "-" + role, Namespace: namespace},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: user}},
	})
}
