package kube

// virtualService is what Waylight reads of istio.networking.v1.VirtualService.
type virtualService struct {
	Hosts    []string   `json:"hosts"`
	Gateways []string   `json:"gateways"`
	ExportTo []string   `json:"exportTo"`
	HTTP     []vsHTTP   `json:"http"`
	TLS      []vsStream `json:"tls"`
	TCP      []vsStream `json:"tcp"`
}

type vsHTTP struct {
	Name           string        `json:"name"`
	Match          []vsHTTPMatch `json:"match"`
	Route          []vsRoute     `json:"route"`
	Redirect       *vsRedirect   `json:"redirect"`
	DirectResponse *struct {
		Status int `json:"status"`
	} `json:"directResponse"`
	Delegate *struct {
		Name      string `json:"name"`
		Namespace string `json:"namespace"`
	} `json:"delegate"`
	Rewrite          *vsRewrite     `json:"rewrite"`
	Timeout          string         `json:"timeout"`
	Retries          *vsRetries     `json:"retries"`
	Fault            *vsFault       `json:"fault"`
	Mirror           *vsDestination `json:"mirror"`
	MirrorPercent    *float64       `json:"mirrorPercent"`
	MirrorPercentage *percentage    `json:"mirrorPercentage"`
	Mirrors          []struct {
		Destination vsDestination `json:"destination"`
		Percentage  *percentage   `json:"percentage"`
	} `json:"mirrors"`
	CorsPolicy *struct{}  `json:"corsPolicy"`
	Headers    *vsHeaders `json:"headers"`
}

type vsRoute struct {
	Destination vsDestination `json:"destination"`
	Weight      int32         `json:"weight"`
	Headers     *vsHeaders    `json:"headers"`
}

type vsDestination struct {
	Host   string `json:"host"`
	Subset string `json:"subset"`
	Port   struct {
		Number int64 `json:"number"`
	} `json:"port"`
}

type vsHTTPMatch struct {
	Name            string                  `json:"name"`
	URI             *stringMatch            `json:"uri"`
	Scheme          *stringMatch            `json:"scheme"`
	Method          *stringMatch            `json:"method"`
	Authority       *stringMatch            `json:"authority"`
	Headers         map[string]*stringMatch `json:"headers"`
	WithoutHeaders  map[string]*stringMatch `json:"withoutHeaders"`
	QueryParams     map[string]*stringMatch `json:"queryParams"`
	IgnoreURICase   bool                    `json:"ignoreUriCase"`
	Port            int64                   `json:"port"`
	SourceLabels    map[string]string       `json:"sourceLabels"`
	SourceNamespace string                  `json:"sourceNamespace"`
	Gateways        []string                `json:"gateways"`
}

// stringMatch has one of its fields set.
type stringMatch struct {
	Exact  *string `json:"exact"`
	Prefix *string `json:"prefix"`
	Regex  *string `json:"regex"`
}

type vsRedirect struct {
	URI           string `json:"uri"`
	PrefixRewrite string `json:"prefixRewrite"`
	Authority     string `json:"authority"`
	Port          int64  `json:"port"`
	Scheme        string `json:"scheme"`
	RedirectCode  int    `json:"redirectCode"`
}

type vsRewrite struct {
	URI             string `json:"uri"`
	Authority       string `json:"authority"`
	URIRegexRewrite *struct {
		Rewrite string `json:"rewrite"`
	} `json:"uriRegexRewrite"`
}

type vsRetries struct {
	Attempts      int32  `json:"attempts"`
	PerTryTimeout string `json:"perTryTimeout"`
	RetryOn       string `json:"retryOn"`
	Backoff       string `json:"backoff"`
}

type vsFault struct {
	Delay *struct {
		FixedDelay string      `json:"fixedDelay"`
		Percent    float64     `json:"percent"`
		Percentage *percentage `json:"percentage"`
	} `json:"delay"`
	Abort *struct {
		HTTPStatus int         `json:"httpStatus"`
		GRPCStatus string      `json:"grpcStatus"`
		Percentage *percentage `json:"percentage"`
	} `json:"abort"`
}

type percentage struct {
	Value float64 `json:"value"`
}

type vsHeaders struct {
	Request  vsHeaderChanges `json:"request"`
	Response vsHeaderChanges `json:"response"`
}

type vsHeaderChanges struct {
	Set    map[string]string `json:"set"`
	Add    map[string]string `json:"add"`
	Remove []string          `json:"remove"`
}

// vsStream is a tls or tcp rule.
type vsStream struct {
	Match []vsStreamMatch `json:"match"`
	Route []vsRoute       `json:"route"`
}

type vsStreamMatch struct {
	SNIHosts           []string          `json:"sniHosts"`
	DestinationSubnets []string          `json:"destinationSubnets"`
	Port               int64             `json:"port"`
	SourceLabels       map[string]string `json:"sourceLabels"`
	SourceNamespace    string            `json:"sourceNamespace"`
	Gateways           []string          `json:"gateways"`
}
