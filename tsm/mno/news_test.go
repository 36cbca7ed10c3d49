package mno_test

import (
	"strings"
	"testing"
	"time"

	"inkan/core/sms"
	"inkan/core/tsmp"
	"inkan/spec/req"
)

// News to a holder is a message that the phone keeps, in both languages, sent once, and
// counted apart from codes and for each SP-TSM.
func TestNews(t *testing.T) {
	req.Covers(t, "SPEC-MNO-TSM-034", "SPEC-MNO-TSM-035")
	w := newWorld(t)
	c := w.customer(1)
	who, rival := w.subscriber(spName, c), w.subscriber(rivalName, c)
	tell := func(as tsmp.PartyID, n tsmp.News, subscriber tsmp.Subscriber, call *tsmp.Call) error {
		_, err := w.as(as).NotifyHolder(ctx, call, &tsmp.NotifyHolderRequest{SE: c.se, Subscriber: subscriber, News: n, Until: w.now.Add(time.Hour).Truncate(time.Second)})
		return err
	}
	code := func(as tsmp.PartyID, subscriber tsmp.Subscriber) error {
		_, err := w.as(as).DeliverOneTimeCode(ctx, w.call(), &tsmp.DeliverOneTimeCodeRequest{SE: c.se, Subscriber: subscriber, Code: "ABCDEFGHJKMN", Language: tsmp.English,
			Until: w.now.Add(time.Minute).Truncate(time.Second)})
		return err
	}
	for n, words := range map[tsmp.News][]string{tsmp.NewsPINResetOrdered: {"申請", "reset ordered"}, tsmp.NewsPINResetDone: {"初期化されました", "was reset"}} {
		before, call := len(w.sent), w.call()
		must(t, tell(spName, n, who, call))
		w.run()
		must(t, tell(spName, n, who, call))
		w.run()
		if len(w.sent) != before+1 {
			t.Fatalf("%v: %d messages", n, len(w.sent)-before)
		}
		m, err := sms.DecodeDeliver(w.sent[before])
		must(t, err)
		text := ucs2(m.UD)
		if m.DCS != 0x08 || m.UDHI || len(m.UD) > 140 || !strings.Contains(text, words[0]) || !strings.Contains(text, words[1]) {
			t.Errorf("%v: DCS %02X, %d bytes: %s", n, m.DCS, len(m.UD), text)
		}
	}
	for range 3 {
		must(t, tell(spName, tsmp.NewsPINResetDone, who, w.call()))
	}
	wantCode(t, tell(spName, tsmp.NewsPINResetDone, who, w.call()), tsmp.CodeRateLimited)
	must(t, tell(rivalName, tsmp.NewsPINResetDone, rival, w.call()))
	for range 5 {
		must(t, code(rivalName, rival))
	}
	wantCode(t, code(rivalName, rival), tsmp.CodeRateLimited)
	must(t, code(spName, who))
	must(t, w.mno.Desk("x").ChangeHolder(ctx, c.id, "x", false, nil))
	wantCode(t, tell(spName, tsmp.NewsPINResetDone, who, w.call()), tsmp.CodeSubscriberChanged)
}
