package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"k8s.io/client-go/rest"

	"github.com/waylight/waylight/collectors/prometheus"
)

// outsideOfCluster is the way to an API server that nobody asks here.
var outsideOfCluster = &rest.Config{Host: "https://api.example:6443"}

func TestFlagsThatNameNoPrometheusAreRefused(t *testing.T) {
	rubbish := filepath.Join(t.TempDir(), "ca.crt")
	if err := os.WriteFile(rubbish, []byte("none"), 0o600); err != nil {
		t.Fatal(err)
	}
	for words, test := range map[string]struct {
		flags metricsFlags
		want  string
	}{
		"no URL":               {metricsFlags{prometheus: "prometheus:9090"}, "--prometheus"},
		"a file":               {metricsFlags{prometheus: "file:///etc/passwd"}, "--prometheus"},
		"a URL with a query":   {metricsFlags{prometheus: "http://prometheus/?query=up"}, "--prometheus"},
		"a page that is none":  {metricsFlags{prometheus: prometheusAuto, external: "prometheus"}, "--prometheus-external-url"},
		"a header that is not": {metricsFlags{prometheus: prometheusAuto, headers: []string{"tenant"}}, "--prometheus-header"},
		"no such file":         {metricsFlags{prometheus: prometheusAuto, caFile: rubbish + ".none"}, "--prometheus-ca-file"},
		"no certificate":       {metricsFlags{prometheus: prometheusAuto, caFile: rubbish}, "--prometheus-ca-file"},
	} {
		if _, err := test.flags.options(outsideOfCluster); err == nil || !strings.Contains(err.Error(), test.want+" ") && !strings.Contains(err.Error(), test.want+":") {
			t.Errorf("%s: %v", words, err)
		}
	}
	for words, flags := range map[string]metricsFlags{
		"no window":                     {every: defaultEvery},
		"too short a window":            {window: time.Second, every: defaultEvery},
		"too long a window":             {window: 48 * time.Hour, every: defaultEvery},
		"without a pause":               {window: defaultWindow},
		"too often":                     {window: defaultWindow, every: time.Second},
		"no two readings in the window": {window: time.Minute, every: time.Minute},
	} {
		flags.prometheus = prometheusNone
		if _, err := (&sourceFlags{metrics: flags}).liveCounting(outsideOfCluster, nil, nil); err == nil {
			t.Error(words)
		}
	}
}

func TestThePrometheusOfAClusterIsReached(t *testing.T) {
	there := prometheus.Service{Namespace: "monitoring", Name: "prometheus", Port: 9090, Scheme: "http", Path: "/prometheus"}
	inside := &rest.Config{Host: "https://10.96.0.1", BearerTokenFile: "/var/run/secrets/kubernetes.io/serviceaccount/token"}
	for words, test := range map[string]struct {
		cfg            *rest.Config
		address, right string
	}{
		"inside by its name":        {inside, "http://prometheus.monitoring.svc:9090/prometheus", ""},
		"outside by the API server": {outsideOfCluster, "https://api.example:6443/api/v1/namespaces/monitoring/services/http:prometheus:9090/proxy/prometheus", "monitoring"},
	} {
		options, err := (&metricsFlags{prometheus: prometheusAuto, window: time.Minute}).options(test.cfg)
		if err != nil {
			t.Fatal(err)
		}
		to, err := options.Reach(there)
		if err != nil || to.Address != test.address || to.Proxied != test.right {
			t.Errorf("%s: %+v, %v", words, to, err)
		}
	}
	options, err := (&metricsFlags{prometheus: "https://user:secret@prometheus.example/path"}).options(outsideOfCluster)
	if err != nil || options.Reach != nil || strings.Contains(options.Endpoint.Name, "secret") {
		t.Errorf("%+v, %v", options.Endpoint, err)
	}
}
