// SPDX-License-Identifier: MIT
// What Particle's commands do, with the dfu.js of one of their packages:
// usage: node particle.js DFU.JS COMMAND [leave]
// The boards that it knows are a table; the one here is put into it.
'use strict';
const path = require('path');
const child_process = require('child_process');

const dfu = require(process.argv[2]);
const leave = process.argv[4] === 'leave';
const id = '0483:df11';
const at = '0x08020000';

if (dfu.checkFor)
	dfu.checkFor.push(id);
else
	require(path.join(path.dirname(process.argv[2]), 'deviceSpecs'))[id] = {
		productName: 'a board',
		writePadding: 2,
		userFirmware: { address: at, alt: '0', size: 5000 },
	};

const commands = {
	find: () => dfu.findCompatibleDFU(false),
	write: () => dfu.findCompatibleDFU(false).then(() => dfu.write ?
		dfu.write('app.bin', 'userFirmware', leave) :
		dfu.writeDfu(0, 'app.bin', at, leave)),
	read: () => dfu.findCompatibleDFU(false).then(() => dfu.read ?
		dfu.read('back.bin', 'userFirmware', leave) :
		dfu.readDfu(0, 'back.bin', at + ':5000', leave)),
	rights: () => new Promise((resolve) => child_process.exec(
		dfu.getCommand() + ' -l', (error, out, err) =>
			resolve(dfu._missingDevicePermissions(err)))),
};

Promise.resolve(commands[process.argv[3]]()).then((value) => {
	console.log('resolved', typeof value === 'boolean' ? value : '');
	process.exit(0);
}, (reason) => {
	console.log('rejected', String(reason));
	process.exit(1);
});
