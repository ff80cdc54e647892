package mesh

// MeshConfig is what Waylight reads of istiod's mesh configuration (ConfigMap
// "istio", or "istio-<revision>"). Defaults are filled in.
type MeshConfig struct {
	Meta
	Revision           string // from the ConfigMap's name; empty for default
	RootNamespace      string
	TrustDomain        string
	TrustDomainAliases []string
	// DiscoverySelectors: nil means every namespace.
	DiscoverySelectors []LabelSelector
	AccessLogFile      string
	AccessLogEncoding  string // TEXT or JSON
	AccessLogFormat    string // empty: Istio's default
	// DefaultLogProviders are defaultProviders.accessLogging.
	DefaultLogProviders []string
	ExtensionProviders  []string
	// ProviderLogFormats are those of extension providers that write the access
	// log to a file and have a format of their own.
	ProviderLogFormats []AccessLogFormat
	// Malformed says why the text could not be read; empty if it could.
	Malformed string
}

// AccessLogFormat is a format of Envoy's access log: a line with operators
// ("%RESPONSE_CODE%"), or with JSON an object of such texts as JSON.
type AccessLogFormat struct {
	Provider string // an extension provider; empty for meshConfig.accessLogFormat
	JSON     bool
	Text     string
}

// AccessLogFormats are all formats besides Istio's own in which Envoys of the
// mesh may write: a Telemetry chooses a provider, and a line tells by itself
// which one that was.
func (c *MeshConfig) AccessLogFormats() []AccessLogFormat {
	if c.AccessLogFormat == "" {
		return c.ProviderLogFormats
	}
	own := AccessLogFormat{JSON: c.AccessLogEncoding == "JSON", Text: c.AccessLogFormat}
	return append([]AccessLogFormat{own}, c.ProviderLogFormats...)
}

// CNIConfig is what Waylight reads of the ConfigMap istio-cni-config.
type CNIConfig struct {
	Meta
	AmbientEnabled bool
	// Selectors are AMBIENT_ENABLEMENT_SELECTOR: a pod is asked for when one
	// of them matches.
	Selectors         []EnablementSelector
	ExcludeNamespaces []string
	DNSCapture        bool
	// Malformed says why the selector could not be read; empty if it could.
	Malformed string
}

// EnablementSelector is one entry of istio-cni's selector list; both halves
// must match, and an absent one matches everything.
type EnablementSelector struct {
	Pod       LabelSelector
	Namespace LabelSelector
}

// DefaultEnablement is istio-cni's own default (chart values, istio.md D):
// the pod's label, or the namespace's label and a pod that does not opt out.
func DefaultEnablement() []EnablementSelector {
	ambient := map[string]string{LabelDataplaneMode: DataplaneAmbient}
	notNone := LabelRequirement{Key: LabelDataplaneMode, Operator: "NotIn", Values: []string{DataplaneNone}}
	return []EnablementSelector{
		{Pod: LabelSelector{MatchLabels: ambient}},
		{Namespace: LabelSelector{MatchLabels: ambient}, Pod: LabelSelector{MatchExpressions: []LabelRequirement{notNone}}},
	}
}

// Defaults of a mesh nobody configured.
const (
	DefaultRootNamespace = "istio-system"
	DefaultTrustDomain   = "cluster.local"
	DefaultClusterDomain = "cluster.local"
)

// CustomResourceDefinition exists in the cluster; Served are its versions.
type CustomResourceDefinition struct {
	Meta
	Group, Resource string
	Served          []string
}
