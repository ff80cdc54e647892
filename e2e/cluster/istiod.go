package cluster

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/waylight/waylight/e2e/process"
	"github.com/waylight/waylight/e2e/wait"
)

// SystemNamespace is where Istio is installed.
const SystemNamespace = "istio-system"

// notInstalled are the kinds of Istio's manifest that are left out: the CRDs come from istio.io/api, and the webhooks
// would make the API server call an istiod that it cannot reach by a Service.
var notInstalled = map[string]bool{
	"CustomResourceDefinition":         true,
	"MutatingWebhookConfiguration":     true,
	"ValidatingWebhookConfiguration":   true,
	"ValidatingAdmissionPolicy":        true,
	"ValidatingAdmissionPolicyBinding": true,
}

// InstallAmbient applies what `istioctl install --set profile=ambient` would, and lays istiod's configuration where its
// Deployment would mount it. Nothing runs yet: Config.WithIstiod does both.
func (c *Cluster) InstallAmbient(t testing.TB) {
	t.Helper()
	c.Apply(t, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: SystemNamespace}})
	text, err := exec.Command(Program(t, "istio-render")).Output()
	if err != nil {
		t.Fatalf("render Istio's ambient profile: %v", err)
	}
	objects, err := parseManifest(text)
	if err != nil {
		t.Fatal(err)
	}
	for _, object := range objects {
		if notInstalled[object.GetKind()] {
			continue
		}
		c.apply(t, object)
		if object.GetKind() == "ConfigMap" {
			c.mountForIstiod(t, object)
		}
	}
}

// istiodMounts are the folders, below istiod's working directory, where it looks for the data of a ConfigMap.
var istiodMounts = map[string]string{
	"istio":                  "etc/istio/config",
	"istio-sidecar-injector": "var/lib/istio/inject",
}

func (c *Cluster) mountForIstiod(t testing.TB, config *unstructured.Unstructured) {
	t.Helper()
	mount, ok := istiodMounts[config.GetName()]
	if !ok {
		return
	}
	dir := c.path("istiod", mount)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	data, _, err := unstructured.NestedStringMap(config.Object, "data")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range data {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// startIstiod runs istiod with the rights of its own service account and waits until it is ready.
func (c *Cluster) startIstiod(t testing.TB) {
	t.Helper()
	discovery := FreeAddress(t)
	istiod := process.Start(t, c.logs, process.Spec{
		Name: "istiod",
		Path: Program(t, "istiod"),
		Dir:  c.path("istiod"),
		Args: []string{
			"discovery",
			"--kubeconfig=" + c.Kubeconfig(t, Istiod),
			"--httpAddr=" + discovery,
			"--grpcAddr=" + FreeAddress(t),
			"--secureGRPCAddr=" + FreeAddress(t),
			"--monitoringAddr=" + FreeAddress(t),
			"--httpsAddr=",
			"--ctrlz_port=0",
		},
		Env: []string{
			"PILOT_ENABLE_AMBIENT=true",
			"POD_NAME=istiod-e2e",
			"POD_NAMESPACE=" + SystemNamespace,
			"SERVICE_ACCOUNT=istiod",
			"CLUSTER_ID=Kubernetes",
			"CA_TRUSTED_NODE_ACCOUNTS=" + SystemNamespace + "/ztunnel",
			"INJECTION_WEBHOOK_CONFIG_NAME=",
			"VALIDATION_WEBHOOK_CONFIG_NAME=",
		},
	})
	wait.For(t, 2*wait.Limit, "istiod is ready", func() error {
		if err := istiod.Running(); err != nil {
			t.Fatal(err)
		}
		return answersOK("http://" + discovery + "/ready")
	})
}

func answersOK(url string) error {
	response, err := http.Get(url)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", url, response.Status)
	}
	return nil
}
