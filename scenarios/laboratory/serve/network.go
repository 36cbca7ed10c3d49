package serve

import (
	"encoding/json"
	"net/http"
	"sync"
)

// network is what phones reach of the carriers: their short message service, and a
// shop that has SIMs. It implements http.Handler.
type network struct {
	laboratory *Laboratory

	mutex sync.Mutex
	given map[string]uint32 // the last SIM of each profile that was given away
}

// handler serves /PROFILE/sms/v1/… and POST /PROFILE/shop/v1/sim.
func (n *network) handler() http.Handler {
	mux := http.NewServeMux()
	for _, c := range n.laboratory.carriers {
		mux.Handle("/"+c.profile.Name+"/sms/", http.StripPrefix("/"+c.profile.Name, c.centre.Handler()))
	}
	mux.HandleFunc("POST /{profile}/shop/v1/sim", n.sell)
	return mux
}

// SIM is a SIM that the shop gives away, in JSON.
type SIM struct {
	Profile string `json:"profile"`
	Number  uint32 `json:"number"` // of the card within the profile
	ICCID   string `json:"iccid"`
	MSISDN  string `json:"msisdn"` // telephone number
}

// sell gives away a SIM that nobody has used. Spec: SPEC-SERVE-012.
func (n *network) sell(w http.ResponseWriter, r *http.Request) {
	c := n.laboratory.carrierNamed(r.PathValue("profile"))
	if c == nil {
		http.Error(w, "no carrier has this name", http.StatusNotFound)
		return
	}
	n.mutex.Lock()
	defer n.mutex.Unlock()
	number, err := n.laboratory.unused(r.Context(), c, n.given[c.profile.Name])
	if err != nil {
		n.laboratory.fault("the shop")(err)
		http.Error(w, "the shop has trouble", http.StatusServiceUnavailable)
		return
	}
	n.given[c.profile.Name] = number
	answer(w, http.StatusOK, SIM{c.profile.Name, number, c.profile.ICCID(number), numberOf(c.profile, number)})
}

// answer answers in JSON.
func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body)
}
