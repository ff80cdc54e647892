package envoy

import (
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/waylight/waylight/mesh"
)

// rawAuthorizer is the filter for external authorization, which for TCP has the
// same fields as far as they are read. Headers it adds can hold secrets and are
// not.
type rawAuthorizer struct {
	GRPC struct {
		Envoy struct {
			Cluster string `json:"cluster_name"`
		} `json:"envoy_grpc"`
	} `json:"grpc_service"`
	HTTP struct {
		ServerURI struct {
			Cluster string `json:"cluster"`
		} `json:"server_uri"`
	} `json:"http_service"`
	FailureModeAllow bool `json:"failure_mode_allow"`
	StatusOnError    struct {
		Code enum `json:"code"`
	} `json:"status_on_error"`
	Enabled struct {
		Value struct {
			StringMatch rawStringMatch `json:"string_match"`
		} `json:"value"`
	} `json:"filter_enabled_metadata"`
}

// errorStatuses are Envoy's names of answers.
var errorStatuses = map[string]int{
	"BadRequest": 400, "Unauthorized": 401, "Forbidden": 403, "NotFound": 404, "TooManyRequests": 429,
	"InternalServerError": 500, "BadGateway": 502, "ServiceUnavailable": 503, "GatewayTimeout": 504,
}

// authorizer reads whom a filter asks, and about whose rules: istiod has it look
// for rules by how their names begin.
func (c *chain) authorizer(config jsontext.Value) {
	raw := one[rawAuthorizer](c.walker, "authorizer", config)
	if raw == nil {
		return
	}
	out := mesh.EnvoyAuthorizer{
		Cluster: raw.GRPC.Envoy.Cluster + raw.HTTP.ServerURI.Cluster, FailOpen: raw.FailureModeAllow,
		ErrorStatus: errorStatuses[raw.StatusOnError.Code.or("Forbidden")],
	}
	if prefix := raw.Enabled.Value.StringMatch.Prefix; prefix != nil {
		out.Provider = strings.TrimPrefix(strings.TrimPrefix(*prefix, strings.TrimSuffix(customRulePrefix, "-")), "-")
	}
	c.out.Authorizers = append(c.out.Authorizers, out)
}
