package inkan.jpki;

import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.Util;
import org.globalplatform.SecureChannel;

/**
 * STORE DATA: blocks become data groups, wherever they are cut (PERSO,
 * transport). A value is collected in the staging memory, in NVM.
 */
final class Perso {
	private static final byte INS_STORE_DATA = (byte) 0xE2;
	private static final short ORDER = (short) 0xB001;
	private static final short GENERATE = (short) 0xB002;
	private static final short ENVELOPE = (short) 0xB003;
	private static final short CA_CERTIFICATE = (short) 0xB004;
	private static final short ACTIVATE = (short) 0xB005;
	private static final short SUSPEND = (short) 0xB006;
	private static final short RESUME = (short) 0xB007;
	private static final short ERASE = (short) 0xB008;
	private static final short STATE = (short) 0xB009;
	private static final short ANSWER = (short) 0xB0FF;

	/** Staging memory beyond a certificate file's size. */
	private static final short STAGING = 1024;
	/** HEADER while a value is coming. */
	private static final short IN_VALUE = 5;
	/** No answer goes into the response. */
	private static final short NOTHING = -1;

	private final Parameters parameters;
	private final State state;
	private final Issue issue;
	private final Envelope envelope;
	private final LifeCycle lifeCycle;
	private final Statement statement;
	private final byte[] staging;
	private final short[] ram;

	/** The staging memory for parameters. */
	static byte[] makeStaging(Parameters parameters) {
		return new byte[(short) (parameters.fileSize + STAGING + Envelope.OVERHEAD)];
	}

	Perso(Parameters parameters, State state, Issue issue, Envelope envelope, LifeCycle lifeCycle, Statement statement,
			byte[] staging) {
		this.parameters = parameters;
		this.state = state;
		this.issue = issue;
		this.envelope = envelope;
		this.lifeCycle = lifeCycle;
		this.statement = statement;
		this.staging = staging;
		ram = state.ram;
	}

	/** Ends the block sequence, and forgets the last answer as a selection does. */
	void forget() {
		ram[State.NEXT] = 0;
		ram[State.ANSWER] = 0;
	}

	/** Ends the block sequence. */
	void end() {
		ram[State.NEXT] = 0;
	}

	/**
	 * Takes a block as the session allows it. The sequence is over from here on,
	 * and goes on only when the block is done without a refusal.
	 * Spec: SPEC-PERSO-002, SPEC-PERSO-010.
	 */
	void begin(byte level) {
		ram[State.EXPECTED] = ram[State.NEXT];
		ram[State.NEXT] = 0;
		Status.need((level & SecureChannel.C_MAC) != 0, ISO7816.SW_SECURITY_STATUS_NOT_SATISFIED);
	}

	/**
	 * Executes a block: class, INS, P1, P2, Lc and data, without secure messaging.
	 * The response is written when all of the input is used, so both may be one
	 * array; out is null for who takes no response. Returns the response's length.
	 */
	short block(byte level, byte[] b, short offset, short length, byte[] out, short outOffset) {
		short data = (short) (offset + ISO7816.OFFSET_CDATA);
		short end = (short) (offset + length);
		Status.need(length >= ISO7816.OFFSET_CDATA && (b[(short) (offset + ISO7816.OFFSET_LC)] & 0xFF) == (short) (end - data),
				ISO7816.SW_WRONG_LENGTH);
		Status.need(b[(short) (offset + ISO7816.OFFSET_INS)] == INS_STORE_DATA, ISO7816.SW_INS_NOT_SUPPORTED);
		byte p1 = b[(short) (offset + ISO7816.OFFSET_P1)];
		Status.need((p1 & 0x7E) == 0x08, ISO7816.SW_INCORRECT_P1P2);
		short p2 = (short) (b[(short) (offset + ISO7816.OFFSET_P2)] & 0xFF);
		if (p2 == 0) {
			ram[State.HEADER] = 0;
		} else {
			Status.need(p2 == ram[State.EXPECTED], ISO7816.SW_INCORRECT_P1P2);
		}
		short from = groups(level, b, data, end);
		if (p1 >= 0) {
			ram[State.NEXT] = (short) (p2 + 1);
		} else {
			Status.need(ram[State.HEADER] == 0, ISO7816.SW_WRONG_DATA);
		}
		return from == NOTHING || out == null ? 0 : statement.copy(from, out, outOffset);
	}

	/** Goes through the data; returns where the response's part of the answer begins. Spec: SPEC-PERSO-006, SPEC-PERSO-007, SPEC-PERSO-011. */
	private short groups(byte level, byte[] b, short at, short end) {
		short from = NOTHING;
		while (at < end) {
			if (ram[State.HEADER] != IN_VALUE) {
				header(b[at++]);
				if (ram[State.HEADER] != IN_VALUE) {
					continue;
				}
				if (ram[State.ANSWER] == 0) {
					from = NOTHING; // this header ended the answer
				}
			}
			short n = (short) (ram[State.LENGTH] - ram[State.COUNT]);
			if (n > (short) (end - at)) {
				n = (short) (end - at);
			}
			Util.arrayCopyNonAtomic(b, at, staging, ram[State.COUNT], n);
			at += n;
			ram[State.COUNT] += n;
			if (ram[State.COUNT] == ram[State.LENGTH]) {
				ram[State.HEADER] = 0;
				from = execute(level);
			}
		}
		return from;
	}

	/** Takes a byte of a header; with the last one HEADER is IN_VALUE. */
	private void header(byte value) {
		short v = (short) (value & 0xFF);
		switch (ram[State.HEADER]++) {
		case 0:
			ram[State.DGI] = (short) (v << 8);
			return;
		case 1:
			ram[State.DGI] |= v;
			return;
		case 2:
			ram[State.LENGTH] = v;
			if (v == 0xFF) {
				return;
			}
			break;
		case 3:
			ram[State.LENGTH] = (short) (v << 8);
			return;
		default:
			ram[State.LENGTH] |= v;
			checkIdentifier();
			Status.need(ram[State.LENGTH] < 0 || ram[State.LENGTH] >= 0xFF, ISO7816.SW_WRONG_DATA);
		}
		checkIdentifier();
		checkLength(ram[State.LENGTH]);
		ram[State.HEADER] = IN_VALUE;
		ram[State.COUNT] = 0;
		if (ram[State.DGI] == ENVELOPE || ram[State.DGI] == CA_CERTIFICATE) {
			ram[State.ANSWER] = 0; // Spec: SPEC-PERSO-012
		}
	}

	/** Spec: SPEC-PERSO-009. */
	private void checkIdentifier() {
		short dgi = ram[State.DGI];
		Status.need(dgi >= ORDER && dgi <= STATE || dgi == ANSWER, Status.NOT_FOUND);
	}

	/** Spec: SPEC-PERSO-013. */
	private void checkLength(short n) {
		boolean fits;
		switch (ram[State.DGI]) {
		case ORDER:
			fits = n == Issue.ORDER_SIZE;
			break;
		case GENERATE:
			fits = n == 1;
			break;
		case ENVELOPE:
			Status.need(n >= 0 && n <= (short) staging.length, Status.TOO_LONG);
			fits = n > Envelope.OVERHEAD && ((n - Envelope.OVERHEAD) & 0x0F) == 0;
			break;
		case CA_CERTIFICATE:
			Status.need(n >= 0 && n <= (short) (parameters.fileSize + 1), Status.TOO_LONG);
			fits = n >= 2;
			break;
		case STATE:
			fits = n == 0;
			break;
		case ANSWER:
			fits = n == 2;
			break;
		default:
			fits = n == Orders.ID_SIZE;
		}
		Status.need(fits, ISO7816.SW_WRONG_DATA);
	}

	/** Executes the data group that is complete. */
	private short execute(byte level) {
		switch (ram[State.DGI]) {
		case ORDER:
			needProtection(level);
			issue.order();
			return 0;
		case GENERATE:
			needProtection(level);
			issue.generate();
			return 0;
		case ENVELOPE:
			envelope.execute(ram[State.LENGTH]);
			return NOTHING;
		case CA_CERTIFICATE:
			issue.ca(ram[State.LENGTH]);
			return NOTHING;
		case ACTIVATE:
			lifeCycle.activate();
			return 0;
		case SUSPEND:
			lifeCycle.change(inkan.jpki.State.SUSPENDED, Statement.SUSPEND);
			return 0;
		case RESUME:
			lifeCycle.change(inkan.jpki.State.ACTIVE, Statement.RESUME);
			return 0;
		case ERASE:
			needProtection(level);
			lifeCycle.erase();
			return 0;
		case STATE:
			statement.state();
			return 0;
		default:
			return answer(Util.getShort(staging, (short) 0));
		}
	}

	/** Spec: SPEC-PERSO-003. */
	private void needProtection(byte level) {
		Status.need((level & SecureChannel.R_MAC) != 0 || statement.attests(), ISO7816.SW_SECURITY_STATUS_NOT_SATISFIED);
	}

	/** ANSWER. Spec: SPEC-PERSO-012. */
	private short answer(short from) {
		short total = ram[State.ANSWER];
		if (total == 0) {
			ISOException.throwIt(ISO7816.SW_CONDITIONS_NOT_SATISFIED);
		}
		Status.need(from >= 0 && from < total, ISO7816.SW_WRONG_DATA);
		return from;
	}
}
