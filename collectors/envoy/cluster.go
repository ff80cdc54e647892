package envoy

import (
	"fmt"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/waylight/waylight/mesh"
)

type rawClusterEntry struct {
	Cluster    jsontext.Value `json:"cluster"`
	ErrorState *rawErrorState `json:"error_state"`
}

type rawCluster struct {
	Name        string `json:"name"`
	Type        enum   `json:"type"`
	ClusterType *struct {
		Name string `json:"name"`
	} `json:"cluster_type"`
	LBPolicy            enum `json:"lb_policy"`
	LoadBalancingPolicy struct {
		Policies jsontext.Value `json:"policies"`
	} `json:"load_balancing_policy"`
	ConnectTimeout  *duration `json:"connect_timeout"`
	CircuitBreakers struct {
		Thresholds jsontext.Value `json:"thresholds"`
	} `json:"circuit_breakers"`
	CommonLB struct {
		HealthyPanicThreshold *struct {
			Value float64 `json:"value"`
		} `json:"healthy_panic_threshold"`
	} `json:"common_lb_config"`
	OutlierDetection *rawOutlier `json:"outlier_detection"`
	Metadata         rawMetadata `json:"metadata"`
}

// Envoy's defaults, for a cluster that names none.
const (
	defaultConnectTimeout = 5 * time.Second
	defaultPanic          = 50.0
)

func (d *decoding) cluster(state mesh.EnvoyState) func(*rawClusterEntry) {
	return func(entry *rawClusterEntry) {
		raw := one[rawCluster](d.walker, "cluster", entry.Cluster)
		if raw == nil {
			return
		}
		c := mesh.EnvoyCluster{
			Name: raw.Name, EnvoyName: mesh.ParseEnvoyName(raw.Name), Type: raw.Type.or("STATIC"), State: state, Rejected: entry.ErrorState.reason(),
			LB: d.loadBalancing(raw), ConnectTimeout: defaultConnectTimeout, Panic: defaultPanic,
			Thresholds: d.thresholds(raw.CircuitBreakers.Thresholds), Outlier: raw.OutlierDetection.words(),
		}
		if raw.ClusterType != nil {
			c.Type = raw.ClusterType.Name
		}
		if raw.ConnectTimeout != nil {
			c.ConnectTimeout = time.Duration(*raw.ConnectTimeout)
		}
		if panics := raw.CommonLB.HealthyPanicThreshold; panics != nil {
			c.Panic = panics.Value
		}
		if owner := parseOwner(raw.Metadata.FilterMetadata.Istio.Config); owner.Kind == "DestinationRule" {
			c.Rule = owner
		}
		d.dump.Clusters = append(d.dump.Clusters, c)
	}
}

type rawPolicy struct {
	TypedExtensionConfig struct {
		Name string `json:"name"`
	} `json:"typed_extension_config"`
}

// loadBalancing is the policy by name; the newer list of policies, of which
// Envoy takes the first it knows, goes before the enumeration.
func (d *decoding) loadBalancing(raw *rawCluster) string {
	name := ""
	each(d.walker, "load balancing policy", raw.LoadBalancingPolicy.Policies, func(p *rawPolicy) {
		if name == "" {
			name = p.TypedExtensionConfig.Name
		}
	})
	if name != "" {
		return name
	}
	return raw.LBPolicy.or("ROUND_ROBIN")
}

type rawThreshold struct {
	Priority           enum    `json:"priority"`
	MaxConnections     *number `json:"max_connections"`
	MaxPendingRequests *number `json:"max_pending_requests"`
	MaxRequests        *number `json:"max_requests"`
	MaxRetries         *number `json:"max_retries"`
}

// noLimit is how istiod says that there is none; left out, Envoy has its own
// limits (1,024, retries 3).
const noLimit = 1<<32 - 1

// thresholds says the limits of ordinary requests; Istio gives none a priority.
func (d *decoding) thresholds(list jsontext.Value) string {
	var words []string
	each(d.walker, "threshold", list, func(t *rawThreshold) {
		if t.Priority.or("DEFAULT") != "DEFAULT" {
			return
		}
		for _, limit := range []struct {
			of string
			n  *number
		}{
			{"connections", t.MaxConnections},
			{"pending requests", t.MaxPendingRequests},
			{"requests", t.MaxRequests},
			{"retries", t.MaxRetries},
		} {
			if limit.n != nil && *limit.n < noLimit {
				words = append(words, fmt.Sprintf("%d %s", *limit.n, limit.of))
			}
		}
	})
	if len(words) == 0 {
		return ""
	}
	return "at most " + strings.Join(words, ", ")
}

// rawOutlier is outlier detection, of which istiod sets these.
type rawOutlier struct {
	Consecutive5xx            *number   `json:"consecutive_5xx"`
	Enforcing5xx              *number   `json:"enforcing_consecutive_5xx"`
	ConsecutiveGatewayFailure *number   `json:"consecutive_gateway_failure"`
	EnforcingGatewayFailure   *number   `json:"enforcing_consecutive_gateway_failure"`
	ConsecutiveLocalFailure   *number   `json:"consecutive_local_origin_failure"`
	EnforcingLocalFailure     *number   `json:"enforcing_consecutive_local_origin_failure"`
	SplitLocalOriginErrors    bool      `json:"split_external_local_origin_errors"`
	Interval                  *duration `json:"interval"`
	BaseEjectionTime          *duration `json:"base_ejection_time"`
	MaxEjectionPercent        *number   `json:"max_ejection_percent"`
}

// words say what takes a host out and for how long. Envoy's defaults stand for
// what is left out: 5xx are counted, gateway failures are not enforced.
func (o *rawOutlier) words() string {
	if o == nil {
		return ""
	}
	var causes []string
	say := func(n *number, enforced number, what string) {
		if count := orNumber(n, 5); enforced > 0 && count > 0 {
			causes = append(causes, fmt.Sprintf("%d %s in a row", count, what))
		}
	}
	say(o.Consecutive5xx, orNumber(o.Enforcing5xx, 100), "5xx")
	say(o.ConsecutiveGatewayFailure, orNumber(o.EnforcingGatewayFailure, 0), "gateway errors")
	if o.SplitLocalOriginErrors {
		say(o.ConsecutiveLocalFailure, orNumber(o.EnforcingLocalFailure, 100), "failures to connect")
	}
	if len(causes) == 0 {
		causes = []string{"nothing counted in a row"}
	}
	return fmt.Sprintf("out after %s, looked at every %s, for %s and longer each time, at most %d%% of hosts",
		strings.Join(causes, " or "), orDuration(o.Interval, 10*time.Second), orDuration(o.BaseEjectionTime, 30*time.Second), orNumber(o.MaxEjectionPercent, 10))
}

func orNumber(n *number, otherwise number) number {
	if n == nil {
		return otherwise
	}
	return *n
}

func orDuration(d *duration, otherwise time.Duration) time.Duration {
	if d == nil {
		return otherwise
	}
	return time.Duration(*d)
}
