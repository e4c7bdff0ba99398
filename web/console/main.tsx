import '../shared/styles/tokens.css';
import '../shared/styles/base.css';
import '../shared/styles/thread.css';
import '../shared/styles/composer.css';
import '../shared/styles/files.css';
import './styles/thread.css';
import './styles/frame.css';
import './styles/inbox.css';
import './styles/conversation.css';
import './styles/details.css';
import './styles/menus.css';
import './styles/pages.css';
import './styles/storage.css';
import './security/security.css';
import './styles/less-room.css';
import { render } from 'preact';
import { App } from './app.tsx';

render(<App />, document.getElementById('app')!);
