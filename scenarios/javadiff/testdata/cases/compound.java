// short 800000000400000000 80000000047FFF0000 800000000480000000 8000000004FFFF0000 800000000412340000
package diff;

import javacard.framework.*;

/** Compound assignments of -32768, of which javac makes 32768. */
public class App extends Applet {
    static short field;

    public static void install(byte[] b, short o, byte l) { new App().register(); }

    public void process(APDU apdu) {
        if (selectingApplet()) return;
        byte[] b = apdu.getBuffer();
        apdu.setIncomingAndReceive();
        short x = Util.getShort(b, (short) 5), y = x, z = x;
        byte n = (byte) x, m = n;
        field = x;
        x += (short) -32768;
        y -= (short) -32768;
        n += (short) -32768;
        m -= (short) -32768;
        field += (short) -32768;
        Util.setShort(b, (short) 0, x);
        Util.setShort(b, (short) 2, y);
        b[4] = n;
        b[5] = m;
        Util.setShort(b, (short) 6, field);
        Util.setShort(b, (short) 8, (short) (z += (short) -32768));
        apdu.setOutgoingAndSend((short) 0, (short) 10);
    }
}
