package inkan.jpki;

import javacard.framework.ISO7816;
import javacard.framework.JCSystem;
import javacard.framework.Util;

/** The data groups that change the phase (PERSO, activation and life cycle). */
final class LifeCycle {
	private static final short HASH_SIZE = 32;
	private static final short MAC_SIZE = 16;
	/** Body of statement 05. */
	static final short RECEIPT_SIZE = 1 + 2 * HASH_SIZE + MAC_SIZE;

	private final State state;
	private final Orders orders;
	private final Content content;
	private final Pins pins;
	private final Statement statement;
	private final Wiper wiper;
	private final Cmac cmac;
	private final Crypto crypto;
	private final byte[] staging;

	LifeCycle(State state, Orders orders, Content content, Pins pins, Statement statement, Wiper wiper, Cmac cmac, Crypto crypto,
			byte[] staging) {
		this.state = state;
		this.orders = orders;
		this.content = content;
		this.pins = pins;
		this.statement = statement;
		this.wiper = wiper;
		this.cmac = cmac;
		this.crypto = crypto;
		this.staging = staging;
	}

	private void needIssue() {
		Status.need(orders.isID(state.issue(), staging, (short) 0), ISO7816.SW_CONDITIONS_NOT_SATISFIED);
	}

	/** ACTIVATE. Spec: SPEC-PERSO-050 to SPEC-PERSO-053. */
	void activate() {
		Status.need(state.phase() != State.EMPTY, ISO7816.SW_CONDITIONS_NOT_SATISFIED);
		needIssue();
		if (state.phase() == State.ORDERED) {
			needAll(Role.AUTH);
			needAll(Role.SIGN);
			makeReceipt();
			JCSystem.beginTransaction();
			state.setPhase(State.ACTIVE);
			state.closeOrder();
			state.needLifeCycle();
			JCSystem.commitTransaction();
			wiper.settle();
		}
		statement.begin(Statement.ACTIVATE, state.issue());
		statement.end(Util.arrayCopyNonAtomic(content.receipt, (short) 0, statement.answer, Statement.HEADER, RECEIPT_SIZE));
	}

	/** Refuses unless a role has all its content or is not in the order. Spec: SPEC-PERSO-050. */
	private void needAll(byte role) {
		short all = State.of((short) (State.KEY | State.CERTIFICATE | State.END | State.CODE), role);
		Status.need(!orders.hasRole(state.issue(), role) || state.has(all), ISO7816.SW_CONDITIONS_NOT_SATISFIED);
	}

	/** Writes the content.receipt, which does not count before the phase changes. */
	private void makeReceipt() {
		byte slot = state.issue();
		statement.begin(Statement.ACTIVATE, slot);
		byte[] answer = statement.answer;
		short body = Statement.HEADER;
		answer[body] = orders.slots[Orders.at(slot, Orders.ROLES)];
		for (byte role = 0; role < 2; role++) {
			short at = (short) (body + 1 + role * HASH_SIZE);
			if (orders.hasRole(slot, role)) {
				crypto.digest.doFinal(content.certificate(role), (short) 0, content.certificateLength(role), answer, at);
			} else {
				Util.arrayFillNonAtomic(answer, at, HASH_SIZE, (byte) 0);
			}
		}
		short length = (short) (RECEIPT_SIZE - MAC_SIZE);
		cmac.start(orders.mac(slot));
		cmac.update(Label.VALUE, (short) 0, Label.SIZE);
		cmac.update(answer, (short) 0, (short) (body + length));
		cmac.finish();
		Util.arrayCopyNonAtomic(answer, body, content.receipt, (short) 0, length);
		Util.arrayCopyNonAtomic(crypto.work, Crypto.BLOCK, content.receipt, length, MAC_SIZE);
		crypto.wipe();
	}

	/** SUSPEND and RESUME. Spec: SPEC-PERSO-054. */
	void change(byte phase, byte type) {
		Status.need(state.issued(), ISO7816.SW_CONDITIONS_NOT_SATISFIED);
		needIssue();
		state.setPhase(phase);
		if (phase == State.SUSPENDED) {
			state.ram[State.CONTACTLESS] = Pins.OFF;
		}
		statement.phase(type);
	}

	/**
	 * ERASE. The transaction makes everything invalid at once; the destruction
	 * comes behind it, and an interrupted one is finished at the next start.
	 * Spec: SPEC-PERSO-055 to SPEC-PERSO-058.
	 */
	void erase() {
		if (!isZero()) {
			needIssue();
		}
		if (state.phase() != State.EMPTY) {
			JCSystem.beginTransaction();
			state.setPhase(State.EMPTY);
			state.closeOrder();
			state.forgetLast();
			state.mark((short) 0, (short) -1);
			state.needLifeCycle();
			JCSystem.commitTransaction();
			state.ram[State.CONTACTLESS] = Pins.OFF;
			pins.forgetAll();
			wiper.settle();
		}
		statement.erased();
	}

	private boolean isZero() {
		byte all = 0;
		for (short i = 0; i < Orders.ID_SIZE; i++) {
			all |= staging[i];
		}
		return all == 0;
	}
}
