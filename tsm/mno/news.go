package mno

import (
	"context"
	"time"

	"inkan/core/tsmp"
)

// newsTexts are the short messages of news, in Japanese and English both: the language
// that the app was used in is not asked, since it may not be the holder's app. Each fits
// one message.
var newsTexts = map[tsmp.News]string{
	tsmp.NewsPINResetOrdered: "暗証番号の初期化が申請されました。覚えがなければ窓口へ。My Number PIN reset ordered. Not you? Call",
	tsmp.NewsPINResetDone:    "暗証番号が初期化されました。覚えがなければ窓口へ。My Number PIN was reset. Not you? Call us.",
}

// NotifyHolder implements tsmp.MNO: a short message that the phone keeps, to the SIM of
// that subscription and no other. Spec: SPEC-MNO-TSM-034, SPEC-MNO-TSM-035.
func (m *Manager) NotifyHolder(ctx context.Context, call *tsmp.Call, b *tsmp.NotifyHolderRequest) (*tsmp.RecordedAnswer, error) {
	const dcsUCS2 = 0x08
	return m.write(ctx, call, "holder-to-be-notified", &text{b.SE, b.Subscriber, b.Until, kindNews, newsID(call.Sender, b.SE),
		func(now time.Time) ([]byte, error) { return shown(m.c.From, now, dcsUCS2, newsTexts[b.News]) }})
}
