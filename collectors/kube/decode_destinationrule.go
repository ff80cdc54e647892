package kube

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// destinationRule is what Waylight reads of
// istio.networking.v1.DestinationRule.
type destinationRule struct {
	Host             string            `json:"host"`
	TrafficPolicy    *drPolicy         `json:"trafficPolicy"`
	ExportTo         []string          `json:"exportTo"`
	WorkloadSelector *workloadSelector `json:"workloadSelector"`
	Subsets          []struct {
		Name          string            `json:"name"`
		Labels        map[string]string `json:"labels"`
		TrafficPolicy *drPolicy         `json:"trafficPolicy"`
	} `json:"subsets"`
}

type drPolicy struct {
	drPortPolicy
	PortLevelSettings []struct {
		drPortPolicy
		Port struct {
			Number int64 `json:"number"`
		} `json:"port"`
	} `json:"portLevelSettings"`
}

// drPortPolicy is the part of a policy that can be given for one port.
type drPortPolicy struct {
	LoadBalancer     *drBalancer `json:"loadBalancer"`
	ConnectionPool   *drPool     `json:"connectionPool"`
	OutlierDetection *drOutlier  `json:"outlierDetection"`
	TLS              *struct {
		Mode string `json:"mode"`
		SNI  string `json:"sni"`
	} `json:"tls"`
}

type drBalancer struct {
	Simple         string      `json:"simple"`
	ConsistentHash *struct{}   `json:"consistentHash"`
	LocalityLB     *drLocality `json:"localityLbSetting"`
}

type drLocality struct {
	Enabled    *bool `json:"enabled"`
	Distribute []struct {
		From string           `json:"from"`
		To   map[string]int64 `json:"to"`
	} `json:"distribute"`
	Failover []struct {
		From string `json:"from"`
		To   string `json:"to"`
	} `json:"failover"`
	FailoverPriority []string `json:"failoverPriority"`
}

type drPool struct {
	TCP struct {
		MaxConnections int32  `json:"maxConnections"`
		ConnectTimeout string `json:"connectTimeout"`
		IdleTimeout    string `json:"idleTimeout"`
	} `json:"tcp"`
	HTTP struct {
		HTTP1MaxPendingRequests  int32  `json:"http1MaxPendingRequests"`
		HTTP2MaxRequests         int32  `json:"http2MaxRequests"`
		MaxRequestsPerConnection int32  `json:"maxRequestsPerConnection"`
		MaxRetries               int32  `json:"maxRetries"`
		IdleTimeout              string `json:"idleTimeout"`
	} `json:"http"`
}

type drOutlier struct {
	Consecutive5xxErrors           *uint32 `json:"consecutive5xxErrors"`
	ConsecutiveGatewayErrors       *uint32 `json:"consecutiveGatewayErrors"`
	ConsecutiveLocalOriginFailures *uint32 `json:"consecutiveLocalOriginFailures"`
	Interval                       string  `json:"interval"`
	BaseEjectionTime               string  `json:"baseEjectionTime"`
	MaxEjectionPercent             int32   `json:"maxEjectionPercent"`
	MinHealthPercent               int32   `json:"minHealthPercent"`
}

// localityWords says how traffic keeps to localities, empty where the rule
// does not.
func localityWords(in *drLocality) string {
	if in == nil {
		return ""
	}
	if in.Enabled != nil && !*in.Enabled {
		return "off"
	}
	var words []string
	for _, d := range in.Distribute {
		var shares []string
		for _, to := range slices.Sorted(maps.Keys(d.To)) {
			shares = append(shares, fmt.Sprintf("%d %% to %s", d.To[to], to))
		}
		words = append(words, "from "+d.From+" "+strings.Join(shares, ", "))
	}
	for _, f := range in.Failover {
		words = append(words, "fail over from "+f.From+" to "+f.To)
	}
	if len(in.FailoverPriority) > 0 {
		words = append(words, "prefer equal "+strings.Join(in.FailoverPriority, ", "))
	}
	if len(words) == 0 {
		return "on"
	}
	return bounded(strings.Join(words, "; "), maxAnnotation)
}
