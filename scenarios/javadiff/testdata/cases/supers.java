// short 800000000400050000
package diff;

import javacard.framework.*;

class Base {
    short f(short a) { return a; }
}

class Low extends Base {
    short f(short a) { return (short) (super.f(a) + 1); }
}

class Left extends Low {
    short f(short a) { return (short) (super.f(a) * 3); }
}

class Right extends Base {
    short f(short a) { return (short) (super.f(a) * 5); }
}

class Leaf extends Right {
    short f(short a) { return (short) (super.f(a) + 7); }
}

/** Subclasses that call the same method of a superclass. */
public class App extends Applet {
    public static void install(byte[] b, short o, byte l) { new App().register(); }

    public void process(APDU apdu) {
        if (selectingApplet()) return;
        byte[] b = apdu.getBuffer();
        apdu.setIncomingAndReceive();
        short x = Util.getShort(b, (short) 5);
        Util.setShort(b, (short) 0, new Low().f(x));
        Util.setShort(b, (short) 2, new Left().f(x));
        Util.setShort(b, (short) 4, new Right().f(x));
        Util.setShort(b, (short) 6, new Leaf().f(x));
        apdu.setOutgoingAndSend((short) 0, (short) 8);
    }
}
