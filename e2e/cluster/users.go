package cluster

import (
	"crypto/rand"
	"fmt"
	"os"
	"strings"
	"testing"

	"k8s.io/client-go/kubernetes"
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

// As answers a client with one user's rights.
func (c *Cluster) As(t testing.TB, user string) kubernetes.Interface {
	t.Helper()
	config, err := clientcmd.BuildConfigFromFlags("", c.Kubeconfig(t, user))
	if err != nil {
		t.Fatal(err)
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	return client
}
