package inkan.jpki;

import javacard.framework.Util;
import org.globalplatform.GPSystem;

/**
 * Finishes what a transaction decided: destroys items that do not count any
 * more, and lets the GlobalPlatform life cycle follow the phase. It runs right
 * after the transaction and, in case the power went, before anything else is
 * done; each step may be repeated.
 */
final class Wiper {
	private static final byte LIFE_ACTIVE = 0x0F;
	private static final byte LIFE_SELECTABLE = 0x07;

	private final State state;
	private final Orders orders;
	private final Content content;
	private final Pins pins;

	Wiper(State state, Orders orders, Content content, Pins pins) {
		this.state = state;
		this.orders = orders;
		this.content = content;
		this.pins = pins;
	}

	/** Does what is left to do, usually nothing. */
	void settle() {
		short stale = state.stale();
		if (stale == 0) {
			return;
		}
		destroy(stale, Role.AUTH);
		if (content.hasRole(Role.SIGN)) {
			destroy(stale, Role.SIGN);
		}
		for (byte slot = 0; slot < 3; slot++) {
			if ((stale & Orders.wrap(slot)) != 0) {
				orders.clearWrap(slot);
			}
		}
		if ((stale & State.LIFE_CYCLE) != 0) {
			if (!state.issued()) {
				Util.arrayFillNonAtomic(content.receipt, (short) 0, LifeCycle.RECEIPT_SIZE, (byte) 0);
			}
			GPSystem.setCardContentState(state.issued() ? LIFE_ACTIVE : LIFE_SELECTABLE);
		}
		state.clean();
	}

	private void destroy(short stale, byte role) {
		if ((stale & State.of(State.KEY, role)) != 0) {
			content.clearKey(role);
		}
		if ((stale & State.of(State.CERTIFICATE, role)) != 0) {
			content.clearCertificate(role);
		}
		if ((stale & State.of(State.END, role)) != 0) {
			content.clearEnd(role);
		}
		if ((stale & State.of(State.CODE, role)) != 0) {
			pins.destroyCode(role);
		}
		if ((stale & (short) (State.AUTH_PIN << role)) != 0) {
			pins.destroyPIN(role);
		}
		if ((stale & (short) (State.AUTH_CA << role)) != 0) {
			content.clearCA(role);
		}
	}
}
